"""One shape on its way from random splines to a formula."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.fitting import held_out_error
from kancli.recipe import (
    FitOptions,
    PruneOptions,
    ReadingOptions,
    RefineOptions,
    SymbolifyOptions,
    TrainOptions,
)
from kancli.search.networks.architectures import Shape
from kancli.search.noise import is_noise
from kancli.stages.common import network_of, scaling_of, split
from kancli.stages.progress import silent
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import final_bits, symbolify
from kancli.stages.train import train
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.parser import parse

# A network this exact needs no finer grid to be believed.
CERTAIN = 1e-8
# Finer grids must take a right shape's error down to this share at least; a wrong one's does not move.
CONVERGED = 0.05
# A shape whose held-out error is above this share of the target's deviation is not worth pruning.
PROMISING = 0.03
# The finer grid of the structure test, at least so many times the first; the error must fall by this factor
# (by 50 in theory, by 4 where the law has a root's singularity).
FINER_GRID = 8
FINER = 2
CONVERGING = 3.0
# Relative errors of a formula below this are rounding of the data: nothing can be better.
EXACT = 1e-10
# More constants than this without an exact value: a curve that fits, perhaps no law. Noise hides more.
FEW_EXACT, FEW_NOISY = 2, 1

# How hard to look for functions: single ones only; a first look; or exchanging them until nothing gets better.
# "sum": a sum of products, fitted without looking for functions.
Effort = Literal["plain", "first", "full", "sum"]


@dataclass(frozen=True)
class Trained:
    """A trained shape, its held-out error in units of the target's deviation, whether what it leaves
    unexplained is noise, and the error on a finer grid (None where that was not tried)."""

    shape: Shape
    checkpoints: Mapping[str, Checkpoint]
    error: float
    noise: bool
    finer: float | None

    @property
    def last(self) -> Checkpoint:
        return list(self.checkpoints.values())[-1]

    @property
    def hopeful(self) -> bool:
        """Whether the shape may hold the law: it leaves noise, or finer grids take its error down."""
        if self.noise or self.finer is None:
            return self.noise or self.error <= PROMISING
        return self.finer <= max(self.error / CONVERGING, CERTAIN)


@dataclass(frozen=True)
class Slim:
    """A shape pruned and refined: what is left of it can be read.

    `holds`: refining took the error down as splines of the right shape do (the structure test), or to noise.
    """

    shape: Shape
    checkpoints: Mapping[str, Checkpoint]
    error: float
    edges: int
    holds: bool


@dataclass(frozen=True)
class Attempt:
    """The versions of one shape, train to symbolify, and the description length of its formula; `noise`:
    nothing that the inputs explain is left in its residuals; `made_from`: the table of derived inputs in which
    all versions but the last were made."""

    shape: Shape
    checkpoints: Mapping[str, Checkpoint]
    error: float
    bits: float
    noise: bool
    effort: Effort
    made_from: Dataset | None = None

    @property
    def explains(self) -> bool:
        """Whether the formula's error is that of the data: rounding, or noise."""
        return self.error <= EXACT or self.noise

    @property
    def plain(self) -> bool:
        """Whether (nearly) all constants have exact values, as in a law."""
        free = sum(1 for c in self.facts["constants"] if c["snapped"] is None)
        if self.error <= EXACT:
            return free <= FEW_EXACT
        # Of all the sums that were tried, one with a free constant may follow the noise.
        return free <= (FEW_NOISY if self.effort != "sum" else 0)

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.checkpoints["symbolify"].metadata

    def road(self, table: Dataset) -> list[tuple[Checkpoint, Dataset]]:
        """The versions in their order, each with the data that it was made from."""
        *before, last = self.checkpoints.values()
        return [*((version, self.made_from or table) for version in before), (last, table)]


def succeeded(attempt: Attempt, metadata: Mapping[str, Any], table: Dataset, made_from: Dataset) -> Attempt:
    """An attempt made from another table, its formula as one of `table`: a version without a network at its end.

    `metadata` says what there is to say of the formula there. Where the attempt's last version is such a
    version itself, the new one takes its place.
    """
    versions = dict(attempt.checkpoints)
    if attempt.made_from is None:
        versions["symbolify-1"] = versions.pop("symbolify")
    versions["symbolify"] = Checkpoint("derive", {}, metadata)
    error, bits, noise = measured(metadata, table)
    return replace(
        attempt,
        checkpoints=versions,
        error=error,
        bits=bits,
        noise=noise,
        made_from=attempt.made_from or made_from,
    )


def train_shape(shape: Shape, dataset: Dataset, options: FitOptions, seed: int) -> Trained:
    """Train one shape; where it comes near, also on a finer grid: the structure test."""
    checkpoint = train(dataset, train_options(shape, options), seed=seed, jobs=1, report=silent)
    _, noise = error_of(checkpoint, dataset)
    coarse, *finer = (
        float(tried["error"]) / spread(dataset, checkpoint) for tried in checkpoint.metadata["grids"]
    )
    return Trained(shape, {"train": checkpoint}, coarse, noise, finer[0] if finer else None)


def spread(dataset: Dataset, checkpoint: Checkpoint) -> float:
    """The target's deviation in the scaled units of a checkpoint's network: 1 unless the data are weighted."""
    return float(dataset.y.std()) / scaling_of(checkpoint.metadata).target_scale or 1.0


def slim(trained: Trained, dataset: Dataset, options: FitOptions, seed: int) -> Slim:
    """Prune and refine a trained shape, from the finer grid if there is one: what the coarse splines' own
    error hides is not missed by pruning."""
    how: dict[str, Any] = {"seed": seed, "jobs": 1, "report": silent}
    road = trained.checkpoints
    pruned = prune(trained.last, dataset, PruneOptions(), **how)
    refined = refine(pruned, dataset, RefineOptions(grid=options.refine), **how)
    error, noise = error_of(refined, dataset)
    return Slim(
        trained.shape,
        {**road, "prune": pruned, "refine": refined},
        error,
        network_of(refined).architecture.size,
        noise or error <= max(CERTAIN, min(CONVERGED * trained.error, (trained.finer or 1.0) / CONVERGING)),
    )


def read(
    slim: Slim,
    dataset: Dataset,
    options: FitOptions,
    seed: int,
    *,
    effort: Effort = "full",
    seconds: float = math.inf,
) -> Attempt:
    """Symbolify a slim shape; after so many seconds, come to an end with what has been found."""
    end = time.monotonic() + seconds
    formula = symbolify(
        slim.checkpoints["refine"],
        dataset,
        symbolify_options(options, effort),
        seed=seed,
        jobs=1,
        report=silent,
        expired=lambda: time.monotonic() >= end,
    )
    checkpoints = {**slim.checkpoints, "symbolify": formula}
    return Attempt(slim.shape, checkpoints, *measured(formula.metadata, dataset), effort)


def measured(facts: Mapping[str, Any], dataset: Dataset) -> tuple[float, float, bool]:
    """Error and bits as `measure` gives them, and whether what the formula leaves is noise."""
    error, bits = measure(facts, dataset)
    return error, bits, is_noise(dataset.x, even(dataset.y - predicted(facts, dataset), dataset))


def predicted(facts: Mapping[str, Any], dataset: Dataset) -> NDArray[np.float64]:
    """What a stage's formula says of every row, (n,); not finite where it has no value."""
    safe = {column: name for name, column in facts["symbols"].items()}
    expression = parse(facts["formula"], [safe.get(name, name) for name in dataset.inputs])
    with np.errstate(all="ignore"):
        return evaluate(expression, dataset.x)


def even(residual: NDArray[np.float64], dataset: Dataset) -> NDArray[np.float64]:
    """Residuals (n,) of equal variance, as tests expect them: those of precise rows count more."""
    return residual if dataset.weight is None else residual * np.sqrt(dataset.weight)


def error_of(checkpoint: Checkpoint, dataset: Dataset) -> tuple[float, bool]:
    """Held-out error of a checkpoint's network in units of the target's deviation, and whether it is noise."""
    data = split(dataset, scaling_of(checkpoint.metadata))
    network = network_of(checkpoint)
    residual = (data.everything.y - network(data.everything.x)[0]).numpy()
    return float(held_out_error(network, data.judged)[0]), is_noise(dataset.x, even(residual, dataset))


def measure(facts: Mapping[str, Any], dataset: Dataset) -> tuple[float, float]:
    """Relative root mean square error of a stage's formula, and its description length in bits."""
    rmse = facts["rmse"]
    spread = float(dataset.y.std()) or 1.0
    if rmse is None or not math.isfinite(rmse):
        return math.inf, math.inf
    return rmse / spread, final_bits(facts, dataset)


def train_options(shape: Shape, options: FitOptions) -> TrainOptions:
    """The first stage's options for one shape."""
    finer = tuple(g for g in (FINER_GRID,) if options.grid * FINER <= g < options.refine[-1])
    return TrainOptions(
        width=shape.width, merge=shape.merge, grid=options.grid, restarts=options.restarts, finer=finer
    )


def symbolify_options(options: FitOptions, effort: Effort = "full") -> SymbolifyOptions:
    """The last stage's options."""
    shared = {name: getattr(options, name) for name in ReadingOptions.model_fields}
    if effort != "full":
        shared |= {"thorough": False, "simplify_seconds": min(options.simplify_seconds, 1.0)}
    if effort == "plain":
        shared |= {"compositions": False, "top": 1}
    return SymbolifyOptions(**shared)
