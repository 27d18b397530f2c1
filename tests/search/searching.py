"""What tests of the search share: tables, tasks, and a candidate made by hand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, read_dataset
from kancli.recipe import FitOptions
from kancli.search import Budget, Ledger, Task, find_formula
from kancli.search.candidate import Candidate, Quality
from kancli.search.trained import Shape
from kancli.stages.progress import Report, silent
from kancli.stages.reading.formulas import Runner
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import Formula
from kancli.symbolic.text.parser import parse


def table(folder: Path, x: np.ndarray, y: np.ndarray) -> Dataset:
    """A dataset of columns a, b, … and y, read from a file as users' are."""
    names = [*"abcdefgh"[: x.shape[1]], "y"]
    path = folder / "data.csv"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=",".join(names), comments="", fmt="%.17g")
    return read_dataset(str(path))


def task_on(
    dataset: Dataset, options: FitOptions | None = None, *, jobs: int = 1, seconds: float = 100.0,
    report: Report = silent,
) -> Task:  # fmt: skip
    """A task for the whole table, seed 0."""
    budget = Budget.of_seconds(time.monotonic(), seconds)
    return Task(dataset, options or FitOptions(), 0, jobs, budget, report)


def searched(dataset: Dataset, *, jobs: int = 1, seconds: float = 100.0, **options: Any) -> Ledger:
    """The ledger of a whole search."""
    return find_formula(task_on(dataset, FitOptions(**options), jobs=jobs, seconds=seconds))


def found(dataset: Dataset, **how: Any) -> str:
    """The formula that a whole search takes."""
    return str(searched(dataset, **how).road[-1][0].metadata["formula"])


def formula(text: str, dataset: Dataset, complexity: int, error: float) -> Formula:
    """A formula that claims an error, in units of the target's deviation, and a complexity."""
    r2 = 1 - error**2
    expression = parse(text, safe_names(dataset.inputs))
    return Formula(
        text, {}, text, expression, r2, r2, error * float(dataset.y.std()), complexity, (), dataset.inputs,
        dataset.target,
    )  # fmt: skip


def candidate(
    width: str, dataset: Dataset, own: tuple[str, int, float], *others: tuple[str, int, float]
) -> Candidate:
    """A candidate read off a network, with runners-up, each as (formula, complexity, error)."""
    versions = tuple(Checkpoint(name, {}, {"width": width}) for name in ("train", "prune", "refine"))
    bits = own[1] + 1000 * own[2]
    return Candidate(
        formula(own[0], dataset, *own[1:]),
        Quality(own[2], bits, False),
        "network",
        Shape(width),
        Checkpoint("symbolify", {"w": np.zeros(1)}, {"metrics": {"r2": 1.0}}),
        versions,
        tuple(Runner(formula(o[0], dataset, *o[1:]), ({"function": o[0]},)) for o in others),
        ({"function": own[0]},),
    )
