"""Train: random dense networks of one width, fitted to the data, the best of them kept."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import torch
from torch import Tensor

from kancli import __version__
from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, Scaling, scaling
from kancli.engine.architecture import dense
from kancli.engine.merging import merged, with_identities
from kancli.engine.network import Network, initial_network, input_slopes
from kancli.engine.training.first_order import adam, lbfgs
from kancli.engine.training.fitting import Fit, held_out_error, run
from kancli.engine.training.grid import refine_grids
from kancli.engine.training.levenberg_marquardt import Problem, State, levenberg_marquardt
from kancli.errors import FitError
from kancli.recipe import TrainOptions
from kancli.stages.common import Split, metrics, network_parts, split, spread_of
from kancli.stages.progress import Progress, Report
from kancli.stages.widths import check_width

# Default steps of each optimiser; a step is one pass over the rows (20 for L-BFGS).
STEPS = {"lm": 60, "lbfgs": 40, "adam": 2000}
MOVE_GRID_EVERY = {"lm": 4, "lbfgs": 2, "adam": 50}
# Finer grids are for fits whose error is below this share of the target's deviation. They start from a function
# that is nearly right: fewer steps, with little damping.
NEAR = 0.05
STEPS_FINER = 30
GENTLE = 1e-3
# Coefficients start as random lines plus this much noise, relative to a unit slope.
NOISE = 0.1
# After these steps the worse half of the restarts is dropped (successive halving, Jamieson &
# Talwalkar 2016): by then the ranking of the restarts hardly changes.
HALVE_AFTER = (15, 30)
# A gain below this share of the held-out error does not count as one.
TOLERANCE = 0.01


def train(dataset: Dataset, options: TrainOptions, *, seed: int, jobs: int, report: Report) -> Checkpoint:
    """Fit `options.restarts` dense networks and keep the one with the smallest held-out error.

    The result does not depend on `jobs`: the restarts run as one batch. Raises UsageError when the width
    does not match the data, FitError when no restart stays finite.
    """
    check_width(dataset, options)
    scale = scaling(dataset)
    if options.layers[-1][1]:  # a product has no constant of its own that could take the mean back
        scale = replace(scale, target_shift=0.0)
    data = split(dataset, scale)
    groups = [[dataset.inputs.index(name) for name in group] for group in options.merge]
    start = starting_networks(options, data, seed, groups)
    frozen = None
    if groups and options.optimizer == "lm":
        start, frozen = with_identities(start, groups)
    fits = optimise(start, data, options, report, frozen)
    fit = fits.best()
    tried = [{"grid": options.grid, "error": float(fit.error[0])}]
    if options.finer and options.optimizer == "lm" and float(fit.error[0]) <= NEAR:
        fit, more = on_finer_grids(fits, data, options, report)
        tried += more
    if not bool(torch.isfinite(fit.error).all()):
        raise FitError("training diverged in every restart", "try a smaller --grid, or another --seed")
    numbers = metrics(fit.network, data, scale)
    tensors, architecture = network_parts(fit.network)
    report(Progress("train", fit.steps, None, _square(fit.error[0]), _r2(fit.error[0], data), final=True))
    return Checkpoint(
        stage="train",
        tensors=tensors,
        metadata={
            "inputs": list(dataset.inputs),
            "target": dataset.target,
            "constant": dict(dataset.constant),
            "scaling": _as_json(scale),
            "seed": seed,
            "versions": {
                "kancli": __version__,
                "torch": str(torch.__version__),
                "python": platform.python_version(),
            },
            "architecture": architecture,
            "options": options.model_dump(mode="json"),
            "metrics": numbers,
            "grids": tried,
            "influence": influence(fit.network, data.everything, dataset.inputs),
            "remarks": list(dataset.remarks),
        },
    )


def starting_networks(
    options: TrainOptions, data: Split, seed: int, groups: Sequence[Sequence[int]]
) -> Network:
    """Random networks whose input grids cover all rows."""
    layers = options.layers
    x = data.everything.x
    whole = dense(tuple(s for s, _ in layers), tuple(p for _, p in layers))
    return initial_network(
        merged(whole, groups) if groups else whole,
        x.amin(1),
        x.amax(1),
        restarts=options.restarts,
        grid=options.grid,
        order=options.order,
        base=options.base,
        noise=NOISE,
        generator=torch.Generator().manual_seed(seed),
    )


def optimise(
    start: Network, data: Split, options: TrainOptions, report: Report, frozen: Tensor | None = None
) -> Fit:
    """Run the chosen optimiser; with Levenberg-Marquardt the worse restarts are dropped on the way.

    `frozen` (P,): parameters that stay, with Levenberg-Marquardt only.
    """
    total = options.steps or STEPS[options.optimizer]
    problem = Problem(data.train.x, data.train.y, data.train.weight, options.lamb, options.lamb_entropy)
    every = MOVE_GRID_EVERY[options.optimizer] if options.move_grid else 0

    def states(network: Network) -> Iterator[State]:
        if options.optimizer == "adam":
            return adam(network, problem, learning_rate=options.learning_rate, move_grid_every=every)
        if options.optimizer == "lbfgs":
            return lbfgs(network, problem, move_grid_every=every)
        stay = None if frozen is None else frozen.expand(network.restarts, -1)
        return levenberg_marquardt(network, problem, move_grid_every=every, frozen=stay)

    done = 0
    halvings = [s for s in HALVE_AFTER if s < total] if options.optimizer == "lm" else []
    for stop in halvings:
        if start.restarts <= 2:
            break
        state = next(islice(states(start), stop - done, None))
        order = torch.nan_to_num(state.loss, nan=float("inf")).argsort()
        start = state.network.select(order[: (start.restarts + 1) // 2])
        done = stop
        _tell(report, done, total, held_out_error(start, data.judged).min(), data)

    def watch(step: int, error: Tensor) -> None:
        _tell(report, done + step, total, error.min(), data)

    patience = options.patience if options.optimizer == "lm" else 10 * options.patience
    fit = run(
        states(start),
        problem,
        data.held_out,
        steps=total - done,
        patience=patience,
        tolerance=TOLERANCE,
        watch=watch,
    )
    return Fit(fit.network, fit.error, done + fit.steps)


def on_finer_grids(
    fits: Fit, data: Split, options: TrainOptions, report: Report
) -> tuple[Fit, list[dict[str, float]]]:
    """The best network on the grids `options.finer`, all restarts taken along; and (grid, error) of each."""
    problem = Problem(data.train.x, data.train.y, data.train.weight, options.lamb, options.lamb_entropy)
    best, now, tried = fits.best(), fits, []
    for grid in (g for g in options.finer if g > options.grid):
        start = refine_grids(now.network, grid)
        if start.size > problem.x.shape[-1]:
            break
        now = run(
            levenberg_marquardt(start, problem, move_grid_every=MOVE_GRID_EVERY["lm"], damping=GENTLE),
            problem,
            data.held_out,
            steps=options.steps or STEPS_FINER,
            patience=options.patience,
            tolerance=TOLERANCE,
            watch=lambda step, error: _tell(report, step, STEPS_FINER, error.min(), data),
        )
        one = now.best()
        tried.append({"grid": grid, "error": float(one.error[0])})
        if float(one.error[0]) < float(best.error[0]):
            best = Fit(one.network, one.error, best.steps + one.steps)
    return best, tried


def influence(network: Network, problem: Problem, inputs: tuple[str, ...]) -> list[dict[str, str | float]]:
    """How far the output moves when an input moves by its own standard deviation, as shares of the sum."""
    slopes = input_slopes(network, problem.x)[0]
    moves = slopes.square().mean(-1).sqrt() * problem.x.std(-1)
    shares = (moves / moves.sum().clamp(min=1e-300)).tolist()
    return [{"input": name, "influence": share} for name, share in zip(inputs, shares, strict=True)]


def _tell(report: Report, step: int, total: int, error: Tensor, data: Split) -> None:
    report(Progress("train", step, total, _square(error), _r2(error, data)))


def _r2(error: Tensor, data: Split) -> float | None:
    spread = spread_of(data.judged)
    return 1 - _square(error) / spread if spread > 0 else None


def _square(error: Tensor) -> float:
    # A product, as Python's powers raise OverflowError.
    return float(error) * float(error)


def _as_json(scale: Scaling) -> dict[str, object]:
    return {
        "input_scale": list(scale.input_scale),
        "target_shift": scale.target_shift,
        "target_scale": scale.target_scale,
    }
