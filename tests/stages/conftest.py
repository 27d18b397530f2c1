"""Small tables with a known law, and the stages run on them once for all tests that only look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from laws import HOW, Table, write_table

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, read_dataset
from kancli.recipe import PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train

# As the command does: small tensors are many times slower on several threads of a busy machine.
torch.set_num_threads(1)


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
