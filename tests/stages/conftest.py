"""Small tables with a known law, and the stages run on them once for all tests that only look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, read_dataset
from kancli.recipe import PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
from kancli.stages.progress import silent
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train

# As the command does: small tensors are many times slower on several threads of a busy machine.
torch.set_num_threads(1)

HOW = {"seed": 0, "jobs": 1, "report": silent}
Table = Callable[..., Dataset]


def write_table(
    path: Path,
    law: Callable[..., np.ndarray],
    *,
    inputs: int = 2,
    low: float = -1.0,
    high: float = 1.0,
    count: int = 300,
    noise: float = 0.0,
) -> Path:
    """x1, …, y = law(x1, …) with noise relative to y's standard deviation."""
    rng = np.random.default_rng(7)
    x = rng.uniform(low, high, (inputs, count))
    y = law(*x)
    y = y + noise * np.std(y) * rng.normal(size=count)
    lines = [",".join([*(f"x{i + 1}" for i in range(inputs)), "y"])]
    lines += [",".join(repr(float(v)) for v in row) for row in np.column_stack([*x, y])]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """`table(law, …)`: the dataset of a table with that law."""

    def make(law: Callable[..., np.ndarray], **how: float) -> Dataset:
        return read_dataset(str(write_table(tmp_path / "data.csv", law, **how)))  # type: ignore[arg-type]

    return make


def tutorial_law(x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    return np.exp(np.sin(np.pi * x1) + x2**2)


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset(str(write_table(tmp_path_factory.mktemp("t") / "data.csv", tutorial_law)))


@pytest.fixture(scope="session")
def trained(tutorial: Dataset) -> Checkpoint:
    return train(tutorial, TrainOptions(width="2,4,1"), **HOW)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def pruned(trained: Checkpoint, tutorial: Dataset) -> Checkpoint:
    return prune(trained, tutorial, PruneOptions(), **HOW)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def refined(pruned: Checkpoint, tutorial: Dataset) -> Checkpoint:
    return refine(pruned, tutorial, RefineOptions(), **HOW)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def symbolified(refined: Checkpoint, tutorial: Dataset) -> Checkpoint:
    return symbolify(refined, tutorial, SymbolifyOptions(), **HOW)  # type: ignore[arg-type]
