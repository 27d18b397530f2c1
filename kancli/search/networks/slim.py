"""Pruning and refining trained shapes, until what is left of them can be read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kancli.dataset import Dataset
from kancli.recipe import FitOptions, PruneOptions, RefineOptions
from kancli.search.networks.error import error_of
from kancli.search.task import Task
from kancli.search.trained import CERTAIN, CONVERGING, Slim, Trained
from kancli.stages.common import network_of
from kancli.stages.progress import silent
from kancli.stages.prune import prune
from kancli.stages.refine import refine

# Finer grids must take a right shape's error down to this share at least; a wrong one's does not move.
CONVERGED = 0.05


def slim_all(task: Task, trained: Sequence[Trained], slims: list[Slim]) -> list[Slim]:
    """Prune and refine; the smallest graph first. They are also added to `slims`, each when it is done."""
    units = [partial(slim, t, task.dataset, task.options, task.seed) for t in trained]
    found = []
    for s in task.each([t.shape for t in trained], units):
        found.append(s)
        slims.append(s)
        task.tell(f"{s.shape}: {s.edges} edges, {'converges' if s.holds else 'does not converge'}", s.error)
    return sorted(found, key=lambda s: s.edges)


def slim(trained: Trained, dataset: Dataset, options: FitOptions, seed: int) -> Slim:
    """Prune and refine a trained shape, from the finer grid if there is one: what the coarse splines' own
    error hides is not missed by pruning."""
    how: dict[str, Any] = {"seed": seed, "jobs": 1, "report": silent}
    pruned = prune(trained.version, dataset, PruneOptions(), **how)
    refined = refine(pruned, dataset, RefineOptions(grid=options.refine), **how)
    error, noise = error_of(refined, dataset)
    return Slim(
        trained.shape,
        (trained.version, pruned, refined),
        error,
        network_of(refined).architecture.size,
        noise or error <= max(CERTAIN, min(CONVERGED * trained.error, (trained.finer or 1.0) / CONVERGING)),
    )
