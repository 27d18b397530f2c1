"""Inputs that the target does not depend on are left out, and no others."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, read_dataset
from kancli.recipe import FitOptions
from kancli.search.attempt import train_shape
from kancli.search.inputs.relevance import only_relevant
from kancli.search.inputs.rewritten import Derived
from kancli.search.networks.architectures import Shape
from kancli.search.steps import Search
from kancli.stages.progress import silent


def table(folder: Path, x: np.ndarray, y: np.ndarray) -> Dataset:
    """A dataset of columns a, b, … and y."""
    names = [*"abcdefgh"[: x.shape[1]], "y"]
    path = folder / "data.csv"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=",".join(names), comments="", fmt="%.17g")
    return read_dataset(str(path))


def kept(dataset: Dataset, width: str) -> Derived | None:
    """What is left of a table by the judgement of one shape."""
    now = time.monotonic()
    search = Search(dataset, FitOptions(), 0, 1, silent, lambda _: None, now, now + 100)
    return only_relevant(search, [train_shape(Shape(width), dataset, FitOptions(), 0)])


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).uniform(1, 4, (600, 5))


def test_irrelevant_inputs_are_left_out_together(tmp_path: Path, x: np.ndarray) -> None:
    found = kept(table(tmp_path, x, x[:, 1] ** 2 / (1 + x[:, 3])), "5,1,1")
    assert found is not None
    assert found.dataset.inputs == ("b", "d")
    assert np.array_equal(found.dataset.x, x[:, [1, 3]])


def test_noise_does_not_make_an_irrelevant_input_matter(tmp_path: Path, x: np.ndarray) -> None:
    y = x[:, 1] ** 2 / (1 + x[:, 3])
    noisy = y + np.random.default_rng(1).normal(0, 0.1 * y.std(), len(y))
    found = kept(table(tmp_path, x, noisy), "5,1,1")
    assert found is not None
    assert {"b", "d"} <= set(found.dataset.inputs) < set("abcde")


def test_a_weak_input_that_only_matters_with_others_stays(tmp_path: Path, x: np.ndarray) -> None:
    # The sum under one function cannot hold the product: c seems to move it less than its error.
    y = x[:, 0] * np.exp(x[:, 1] / 3) + 0.05 * (x[:, 2] - 2.5) * (x[:, 3] - 2.5) * x[:, 4]
    found = kept(table(tmp_path, x, y), "5,1,1")
    assert found is None


def test_nothing_is_left_out_where_everything_matters(tmp_path: Path, x: np.ndarray) -> None:
    assert kept(table(tmp_path, x, x.prod(axis=1)), "5,1,1") is None
