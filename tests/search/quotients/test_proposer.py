"""Quotients of polynomials as a proposer."""

from __future__ import annotations

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.candidate import EXACT, Candidate
from kancli.search.ledger import Ledger
from kancli.search.quotients.proposer import QuotientsOfPolynomials

X = np.random.default_rng(0).uniform(1, 3, (200, 2))
QUICK = FitOptions(simplify_seconds=0.1)


def table(y: np.ndarray) -> Dataset:
    return from_memory(X, y, inputs=("a", "b"))[0]


def proposed(y: np.ndarray, options: FitOptions = QUICK) -> list[list[Candidate]]:
    proposals = QuotientsOfPolynomials().propose(task_on(table(y), options), Ledger())
    return [[c for c in p if isinstance(c, Candidate)] for p in proposals if isinstance(p, tuple)]


@pytest.mark.parametrize(
    ("law", "formula"),
    [
        (lambda a, b: a / (1 + a**2 / 2), "2*a/(a**2 + 2)"),
        (lambda a, b: np.sqrt((a + b) / a), "sqrt((a + b)/a)"),
        (lambda a, b: np.arcsin(a / (4 * b)), "asin(a/(4*b))"),
        (lambda a, b: np.exp(a / (a + b)), "exp(a/(a + b))"),
        (lambda a, b: 20 - a - a * b / (2 + a**2), "20 - a - a*b/(a**2 + 2)"),
    ],
)
def test_a_law_is_proposed_first_and_exact(law, formula: str) -> None:  # type: ignore[no-untyped-def]
    first, later = proposed(law(*X.T))
    assert formula in [c.formula.text for c in first]
    assert all(c.error <= EXACT for c in first)
    assert later == []


def test_one_with_constants_of_its_own_waits_until_others_had_their_turn() -> None:
    first, later = proposed((0.3174 + 0.519 * X[:, 0] * np.pi**3) / (1 + 0.2718281 * np.sqrt(2) * X[:, 1]))
    assert first == []
    assert min(later, key=lambda c: c.bits).formula.free == 2


def test_there_is_none_for_another_law_or_without_quotients() -> None:
    assert proposed(np.sin(X[:, 0] * X[:, 1]) + X[:, 0]) == [[], []]
    assert proposed(X[:, 0] / X[:, 1], FitOptions(exclude=("1/x",))) == []
