"""One shape on its way from random splines to a formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from kancli.stages.common import network_of, scaling_of, split
from kancli.stages.progress import silent
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train
from kancli.symbolic.assignment import NODE_BITS, ROUNDING

# A network this exact needs no finer grid to be believed.
CERTAIN = 1e-8
# Finer grids must take a right shape's error down to this share at least; a wrong one's does not move.
CONVERGED = 0.05
# Relative errors of a formula below this are rounding of the data: nothing can be better.
EXACT = 1e-10


@dataclass(frozen=True)
class Trained:
    """A trained shape and its held-out error in units of the target's deviation."""

    width: str
    checkpoint: Checkpoint
    error: float


@dataclass(frozen=True)
class Slim:
    """A shape pruned and refined: what is left of it can be read.

    `holds`: refining took the error down as splines of the right shape do (the structure test).
    """

    width: str
    checkpoints: Mapping[str, Checkpoint]
    error: float
    edges: int
    holds: bool


@dataclass(frozen=True)
class Attempt:
    """The versions of one shape, train to symbolify, and the description length of its formula."""

    width: str
    checkpoints: Mapping[str, Checkpoint]
    error: float
    bits: float

    @property
    def exact(self) -> bool:
        return self.error <= EXACT

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.checkpoints["symbolify"].metadata


def train_shape(width: str, dataset: Dataset, options: FitOptions, seed: int) -> Trained:
    """Train one shape."""
    checkpoint = train(dataset, train_options(width, options), seed=seed, jobs=1, report=silent)
    return Trained(width, checkpoint, error_of(checkpoint, dataset))


def slim(trained: Trained, dataset: Dataset, options: FitOptions, seed: int) -> Slim:
    """Prune and refine a trained shape."""
    how: dict[str, Any] = {"seed": seed, "jobs": 1, "report": silent}
    pruned = prune(trained.checkpoint, dataset, PruneOptions(), **how)
    refined = refine(pruned, dataset, RefineOptions(grid=options.refine), **how)
    error = error_of(refined, dataset)
    return Slim(
        trained.width,
        {"train": trained.checkpoint, "prune": pruned, "refine": refined},
        error,
        network_of(refined).architecture.size,
        error <= max(CONVERGED * trained.error, CERTAIN),
    )


def read(slim: Slim, dataset: Dataset, options: FitOptions, seed: int, *, quick: bool = False) -> Attempt:
    """Symbolify a slim shape; `quick` looks for single functions only."""
    formula = symbolify(
        slim.checkpoints["refine"],
        dataset,
        symbolify_options(options, quick=quick),
        seed=seed,
        jobs=1,
        report=silent,
    )
    error, bits = measure(formula.metadata, dataset)
    return Attempt(slim.width, {**slim.checkpoints, "symbolify": formula}, error, bits)


def error_of(checkpoint: Checkpoint, dataset: Dataset) -> float:
    """Held-out error of a checkpoint's network in units of the target's deviation."""
    data = split(dataset, scaling_of(checkpoint.metadata))
    return float(held_out_error(network_of(checkpoint), data.judged)[0])


def measure(facts: Mapping[str, Any], dataset: Dataset) -> tuple[float, float]:
    """Relative root mean square error of a stage's formula, and its description length in bits."""
    rmse = facts["rmse"]
    spread = float(dataset.y.std()) or 1.0
    if rmse is None or not math.isfinite(rmse):
        return math.inf, math.inf
    error = rmse / spread
    rows = len(dataset.y)
    free = sum(1 for c in facts["constants"] if c["snapped"] is None)
    bits = rows * math.log2(math.hypot(error, ROUNDING) / ROUNDING)
    return error, bits + 0.5 * free * math.log2(max(rows, 2)) + NODE_BITS * facts["complexity"]


def train_options(width: str, options: FitOptions) -> TrainOptions:
    """The first stage's options for one width."""
    return TrainOptions(width=width, grid=options.grid, restarts=options.restarts)


def symbolify_options(options: FitOptions, *, quick: bool = False) -> SymbolifyOptions:
    """The last stage's options."""
    shared = {name: getattr(options, name) for name in ReadingOptions.model_fields}
    if quick:
        shared |= {"compositions": False, "simplify_seconds": min(options.simplify_seconds, 0.5), "top": 1}
    return SymbolifyOptions(**shared)
