"""Inputs that the target does not depend on are left out, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from searching import table, task_on

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.inputs.relevance import only_relevant
from kancli.search.inputs.rewritten import Rewritten
from kancli.search.networks.train import train_shape
from kancli.search.trained import Shape


def kept(dataset: Dataset, width: str) -> Rewritten | None:
    """What is left of a table by the judgement of one shape."""
    return only_relevant(task_on(dataset), [train_shape(Shape(width), dataset, FitOptions(), 0)])


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
