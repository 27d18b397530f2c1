"""Training several shapes, each with the structure test where it comes near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from kancli.dataset import Dataset
from kancli.recipe import FitOptions, TrainOptions
from kancli.search.networks.error import error_of, spread
from kancli.search.task import Task
from kancli.search.trained import Shape, Trained
from kancli.stages.progress import silent
from kancli.stages.train import train

# The finer grid of the structure test, at least so many times the first.
FINER_GRID = 8
FINER = 2


def train_all(task: Task, shapes: Sequence[Shape], share: float) -> list[Trained]:
    """The same all at once."""
    return list(train_each(task, shapes, share))


def train_each(task: Task, shapes: Sequence[Shape], share: float) -> Iterator[Trained]:
    """Train several shapes, until this share of the work is done; what diverges or takes too long is left out."""
    units = [partial(train_shape, shape, task.dataset, task.options, task.seed) for shape in shapes]
    for t in task.each(shapes, units, share):
        task.tell(f"trained {t.shape}" + (", may hold it" if t.hopeful else ""), t.error)
        yield t


def train_shape(shape: Shape, dataset: Dataset, options: FitOptions, seed: int) -> Trained:
    """Train one shape; where it comes near, also on a finer grid: the structure test."""
    version = train(dataset, train_options(shape, options), seed=seed, jobs=1, report=silent)
    _, noise = error_of(version, dataset)
    coarse, *finer = (float(tried["error"]) / spread(dataset, version) for tried in version.metadata["grids"])
    return Trained(shape, version, coarse, noise, finer[0] if finer else None)


def train_options(shape: Shape, options: FitOptions) -> TrainOptions:
    """The first stage's options for one shape."""
    finer = tuple(g for g in (FINER_GRID,) if options.grid * FINER <= g < options.refine[-1])
    return TrainOptions(
        width=shape.width, merge=shape.merge, grid=options.grid, restarts=options.restarts, finer=finer
    )
