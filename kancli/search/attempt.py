"""One shape on its way from random splines to a formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.fitting import held_out_error
from kancli.engine.grid import refine_grids
from kancli.engine.network import Network
from kancli.engine.pruning import CONVERGES, refit
from kancli.recipe import FitOptions, PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
from kancli.stages.common import Split, network_of, scaling_of, split
from kancli.stages.progress import silent
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train
from kancli.symbolic.assignment import NODE_BITS, ROUNDING

# A network this exact needs no finer grid to be believed.
CERTAIN = 1e-9
# Falling to this within one doubling is proof enough.
GOOD = 1e-4
TEST_STEPS = 12
# Relative errors of a formula below this are rounding of the data: nothing can be better.
EXACT = 1e-10


@dataclass(frozen=True)
class Trained:
    """A trained shape: its held-out error in units of the target's deviation, and whether it converges.

    `holds`: refining the grid takes the error down as splines of the right shape do.
    """

    width: str
    checkpoint: Checkpoint
    error: float
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
    """Train one shape and put it to the convergence test."""
    checkpoint = train(dataset, train_options(width, options), seed=seed, jobs=1, report=silent)
    data = split(dataset, scaling_of(checkpoint.metadata))
    network = network_of(checkpoint)
    error = float(held_out_error(network, data.judged)[0])
    if error <= CERTAIN:
        return Trained(width, checkpoint, error, True)
    return Trained(width, checkpoint, error, converges(network, data, error))


def converges(network: Network, data: Split, error: float) -> bool:
    """Whether two doublings of the grid both take the held-out error down, or to nothing."""
    for _ in range(2):
        network = refit(refine_grids(network, 2 * network.layers[0].grid), data.train, TEST_STEPS)
        after = float(held_out_error(network, data.judged)[0])
        if not after <= max(error / CONVERGES, CERTAIN):
            return False
        error = after
        if error <= GOOD:
            break
    return True


def complete(
    trained: Trained, dataset: Dataset, options: FitOptions, seed: int, *, quick: bool = False
) -> Attempt:
    """Prune, refine and symbolify a trained shape; `quick` looks for single functions only."""
    how: dict[str, Any] = {"seed": seed, "jobs": 1, "report": silent}
    pruned = prune(trained.checkpoint, dataset, PruneOptions(), **how)
    refined = refine(pruned, dataset, RefineOptions(grid=options.refine), **how)
    formula = symbolify(refined, dataset, symbolify_options(options, quick=quick), **how)
    checkpoints = {"train": trained.checkpoint, "prune": pruned, "refine": refined, "symbolify": formula}
    error, bits = measure(formula.metadata, dataset)
    return Attempt(trained.width, checkpoints, error, bits)


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
    return SymbolifyOptions(
        lib=options.lib,
        exclude=options.exclude,
        functions=options.functions,
        compositions=options.compositions and not quick,
        snap=options.snap,
        simplify_seconds=min(options.simplify_seconds, 0.5) if quick else options.simplify_seconds,
        top=1 if quick else SymbolifyOptions().top,
    )
