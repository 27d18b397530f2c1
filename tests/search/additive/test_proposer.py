"""Additive models as a proposer."""

from __future__ import annotations

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.additive.proposer import AdditiveModels
from kancli.search.candidate import EXACT, Candidate
from kancli.search.ledger import Ledger
from kancli.search.task import Task

X = np.random.default_rng(0).uniform(1, 3, (600, 3))
NOISE = np.random.default_rng(1).normal(size=600)
QUICK = FitOptions(simplify_seconds=0.1)


def table(y: np.ndarray) -> Dataset:
    return from_memory(X, y, inputs=("a", "b", "c"))[0]


def proposed(task: Task) -> list[Candidate]:
    (proposal,) = AdditiveModels().propose(task, Ledger())
    assert isinstance(proposal, tuple)
    return [c for c in proposal if isinstance(c, Candidate)]


@pytest.mark.parametrize(
    ("law", "formula", "width"),
    [
        (lambda a, b, c: np.sin(a - b) / 2 - np.sin(a), "sin(a - b)/2 - sin(a)", "3,2,1"),
        (lambda a, b, c: 8 / (2 + np.exp(a) + b**2), "8/(exp(a) + b**2 + 2)", "3,1,1"),
    ],
)
def test_a_sum_of_functions_is_read_exactly(law, formula: str, width: str) -> None:  # type: ignore[no-untyped-def]
    made = proposed(task_on(table(law(*X.T)), QUICK))
    assert made[-1].formula.text == formula
    assert made[-1].error <= EXACT
    assert str(made[-1].shape) == width


def test_in_noise_it_is_read_too() -> None:
    truth = np.sin(2 * X[:, 0]) + np.exp(X[:, 1]) / 5
    made = proposed(task_on(table(truth + 0.02 * truth.std() * NOISE), QUICK))
    assert "sin(2*a) + exp(b)/5" in [c.formula.text for c in made]


def test_there_is_none_where_no_model_holds() -> None:
    assert proposed(task_on(table(np.sin(X[:, 0] * X[:, 1] * X[:, 2])), QUICK)) == []


def test_one_input_is_left_to_the_edges() -> None:
    dataset = from_memory(X[:, :1], np.sin(X[:, 0]), inputs=("a",))[0]
    assert list(AdditiveModels().propose(task_on(dataset), Ledger())) == []
