"""Sums of products as a proposer."""

from __future__ import annotations

import numpy as np
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.lowrank.proposer import SumsOfProducts
from kancli.search.schedule import PROPOSERS

X = np.random.default_rng(0).uniform(-2, 2, (300, 2))
QUICK = FitOptions(simplify_seconds=0.1)


def table(y: np.ndarray) -> Dataset:
    return from_memory(X, y, inputs=("x", "v"))[0]


def proposed(y: np.ndarray, options: FitOptions = QUICK) -> list[Candidate]:
    (proposal,) = SumsOfProducts().propose(task_on(table(y), options), Ledger())
    assert isinstance(proposal, tuple)
    return [c for c in proposal if isinstance(c, Candidate)]


def test_a_law_is_proposed_and_exact() -> None:
    (made,) = proposed(-0.5837 * X[:, 1] * np.sin(X[:, 0]) - 1.8126 * X[:, 0])
    assert made.exact
    assert made.formula.text == "-(1.8126*x + 0.5837*v*sin(x))"
    assert str(made.shape) == "2,1+1p,1"
    assert {edge["function"] for edge in made.edges} >= {"sin", "x"}
    assert all(edge["r2"] > 0.999 for edge in made.edges)


def test_such_a_law_ends_the_search() -> None:
    for y, settled in ((X[:, 1] * np.sin(X[:, 0]), True), (np.sqrt(1 + (X**2).sum(axis=1)), False)):
        ledger = Ledger()
        list(SumsOfProducts().propose(task_on(table(y), QUICK), ledger))
        assert ledger.settled == settled


def test_in_noise_it_is_proposed_and_ends_nothing() -> None:
    right = X[:, 1] * np.sin(X[:, 0])
    noise = 0.01 * np.random.default_rng(1).normal(size=300)
    ledger = Ledger()
    (proposal,) = SumsOfProducts().propose(task_on(table(right + noise), QUICK), ledger)
    assert isinstance(proposal, tuple)
    assert "v*sin(x)" in [c.formula.text for c in proposal if isinstance(c, Candidate)]
    assert not ledger.settled


def test_a_law_without_free_constants_that_is_there_already_is_left_alone() -> None:
    y = X[:, 1] * np.sin(X[:, 0])
    ledger = Ledger(heard=proposed(y))
    assert list(SumsOfProducts().propose(task_on(table(y), QUICK), ledger)) == []


def test_it_is_one_of_the_proposers_and_needs_powers() -> None:
    assert any(isinstance(p, SumsOfProducts) for p in PROPOSERS)
    assert (
        list(SumsOfProducts().propose(task_on(table(X[:, 0]), FitOptions(exclude=("x^2",))), Ledger())) == []
    )
