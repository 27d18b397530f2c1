"""Tables searched once more without outliers, or with weights for relative errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search import Ledger, Task
from kancli.search.candidate import Candidate
from kancli.search.plain.proposer import PlainForms
from kancli.search.proposer import Rewriting
from kancli.search.rows.proposers import (
    RelativeErrors,
    WithoutOutliers,
    relative_weights,
    spans_decades,
)

RNG = np.random.default_rng(0)


def table(x: np.ndarray, y: np.ndarray) -> Dataset:
    return from_memory(x[:, None], y, inputs=("x",))[0]


def known(data: Dataset, **options: object) -> tuple[Task, Ledger]:
    """A task, and a ledger that has the plain forms of its table."""
    task = task_on(data, FitOptions(**options))
    ledger = Ledger()
    list(PlainForms().propose(task, ledger))
    ledger.judge(ledger.heard)
    return task, ledger


def test_rows_far_off_are_left_out_and_come_back_as_outliers() -> None:
    x = np.linspace(0, 10, 80)
    y = 2 * x + 1 + 0.05 * RNG.normal(size=80)
    y[[11, 52]] += 9
    task, ledger = known(table(x, y))
    first, rewriting = WithoutOutliers().propose(task, ledger)
    assert first == ()
    assert isinstance(rewriting, Rewriting)
    assert len(rewriting.task.dataset.y) == 78
    back = rewriting.back(replace(ledger.best))
    assert isinstance(back, Candidate)
    assert back.formula.errors is not None
    assert sorted(back.formula.errors.outliers) == [11, 52]


def test_a_misfit_in_one_place_is_no_outlier() -> None:
    x = np.linspace(0, 10, 80)
    y = 2 * x + 1 + 0.05 * RNG.normal(size=80)
    y[40:46] += 9
    task, ledger = known(table(x, y))
    assert list(WithoutOutliers().propose(task, ledger)) == [()]


@pytest.mark.parametrize("loss", ["squares"])
def test_with_least_squares_nothing_is_left_out(loss: str) -> None:
    x = np.linspace(0, 10, 80)
    y = 2 * x + 1 + 0.05 * RNG.normal(size=80)
    y[11] += 9
    task, ledger = known(table(x, y), loss=loss)
    assert list(WithoutOutliers().propose(task, ledger)) == [()]


def test_relative_errors_over_decades_get_weights_and_additive_ones_do_not() -> None:
    x = np.geomspace(0.1, 100, 80)
    y = 3 * x**1.5
    relative, additive = y * np.exp(0.1 * RNG.normal(size=80)), y + RNG.uniform(1, 2, 80)
    _, rewriting = RelativeErrors().propose(*known(table(x, relative)))
    assert isinstance(rewriting, Rewriting)
    weight = rewriting.task.dataset.weight
    assert weight is not None
    assert np.allclose(weight * relative**2, (weight * relative**2)[0])
    assert list(RelativeErrors().propose(*known(table(x, additive)))) == [()]


def test_weights_are_of_mean_1_and_only_for_targets_over_decades() -> None:
    assert relative_weights(np.array([1.0, 10, 100])).mean() == pytest.approx(1)
    x = np.linspace(1, 2, 50)
    assert not spans_decades(table(x, x))
    assert not spans_decades(table(x, x - 1.5))
    assert spans_decades(table(x, x**12))
