"""Refine: the same functions on finer grids, then fitted again (the paper's grid extension)."""

from __future__ import annotations

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.network import Network
from kancli.engine.training.fitting import held_out_error, run
from kancli.engine.training.grid import refine_grids
from kancli.engine.training.levenberg_marquardt import levenberg_marquardt
from kancli.errors import UsageError
from kancli.recipe import RefineOptions
from kancli.stages.capacity import check_refining
from kancli.stages.common import Split, check_columns, metrics, network_of, scaling_of, split, successor
from kancli.stages.progress import Progress, Report

PATIENCE = 10
TOLERANCE = 0.01
DAMPING = 1e-4


def refine(
    checkpoint: Checkpoint, dataset: Dataset, options: RefineOptions, *, seed: int, jobs: int, report: Report
) -> Checkpoint:
    """Go through `options.grid`, each step starting from the same function on the finer grid.

    Stops at the last grid that lowered the held-out error. Raises UsageError when no grid of the list is
    finer than the network's own.
    """
    check_columns(checkpoint, dataset)
    scale = scaling_of(checkpoint.metadata)
    data = split(dataset, scale)
    network = network_of(checkpoint)
    coarsest = max(layer.grid for layer in network.layers)
    finer = [grid for grid in options.grid if grid > coarsest]
    if not finer:
        raise UsageError(
            f"--grid {','.join(map(str, options.grid))}: the network already has grid {coarsest}",
            f"use more intervals, e.g. --grid {2 * coarsest}",
        )
    edges, grid = network.architecture.size, network.layers[0].grid
    check_refining(options, edges, network.layers[0].coefficients.shape[-1] - grid, len(dataset.y))
    network, steps = refine_in_steps(network, data, finer, options.steps, report)
    numbers = metrics(network, data, scale)
    reached = network.layers[0].grid
    report(
        Progress(
            "refine",
            len(finer),
            None,
            None,
            numbers["r2_validation"] if data.held_out is not None else numbers["r2"],
            f"grid {reached}",
            final=True,
        )
    )
    return successor(
        checkpoint, "refine", network, options.model_dump(mode="json"), numbers, {"grids": steps}
    )


def refine_in_steps(
    network: Network, data: Split, grids: list[int], steps: int, report: Report
) -> tuple[Network, list[dict[str, float]]]:
    """The best network on the way, and (grid, held-out error) of every grid tried."""
    best = network
    error = float(held_out_error(network, data.judged)[0])
    tried: list[dict[str, float]] = [{"grid": network.layers[0].grid, "error": error}]
    for index, grid in enumerate(grids):
        fit = run(
            levenberg_marquardt(refine_grids(best, grid), data.train, move_grid_every=4, damping=DAMPING),
            data.train,
            data.held_out,
            steps=steps,
            patience=PATIENCE,
            tolerance=TOLERANCE,
            watch=lambda step, e: None,
        )
        now = float(fit.error[0])
        tried.append({"grid": grid, "error": now})
        report(Progress("refine", index + 1, len(grids), now**2, None, f"grid {grid}"))
        if not now < error:
            break
        best, error = fit.network, now
    return best, tried
