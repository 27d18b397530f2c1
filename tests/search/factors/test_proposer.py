"""Products of factors as a proposer, alone and as part of a search."""

from __future__ import annotations

import numpy as np
import pytest
from searching import found, task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.candidate import EXACT, Candidate
from kancli.search.factors.proposer import ProductsOfFactors
from kancli.search.ledger import Ledger
from kancli.search.task import Task

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (200, 3))
NOISE = RNG.normal(size=200)
QUICK = FitOptions(simplify_seconds=0.1)


def table(y: np.ndarray, noise: float = 0.0, x: np.ndarray = X) -> Dataset:
    return from_memory(x, y + noise * y.std() * NOISE, inputs=("a", "b", "c")[: x.shape[1]])[0]


def proposed(task: Task) -> list[Candidate]:
    (proposal,) = ProductsOfFactors().propose(task, Ledger())
    assert isinstance(proposal, tuple)
    return [c for c in proposal if isinstance(c, Candidate)]


@pytest.mark.parametrize(
    ("law", "formula"),
    [
        (lambda a, b, c: 2 * a**2 / b, "2*a**2/b"),
        (lambda a, b, c: a * np.exp(-b / (2 * c)), "a*exp(-b/(2*c))"),
        (lambda a, b, c: 3 * a * np.sin(b) / (1 + c), "3*a*sin(b)/(c + 1)"),
        (lambda a, b, c: a / np.sqrt(1 - b**2 / 16), "4*a/sqrt(16 - b**2)"),
    ],
)
def test_a_law_is_the_only_candidate_exact_and_with_plain_constants(law, formula: str) -> None:  # type: ignore[no-untyped-def]
    (one,) = proposed(task_on(table(law(*X.T)), QUICK))
    assert one.formula.text == formula
    assert one.error <= EXACT
    assert one.plain
    assert all(edge["r2"] > 0.999 for edge in one.edges)


def test_in_noise_the_law_is_among_them() -> None:
    made = proposed(task_on(table(X[:, 0] * np.exp(-X[:, 1] * X[:, 2] / 2), 0.02), QUICK))
    assert "a*exp(-b*c/2)" in [c.formula.text for c in made]
    assert all(c.noise for c in made)


def test_there_is_none_where_more_than_noise_is_left() -> None:
    y = X[:, 0] * np.sin(5 * X[:, 1]) + X[:, 2] ** 2
    assert proposed(task_on(table(y, 0.001), QUICK)) == []


def test_a_factor_that_holds_a_few_outliers_is_no_law() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 5, (500, 3))
    y = np.exp(rng.normal(size=500))
    y[:3] = 25.0, 20.0, 30.0
    dataset = from_memory(x, y, inputs=("a", "b", "c"))[0]
    assert not any(c.formula.r2 > 0.1 for c in proposed(task_on(dataset, QUICK)) if c.formula.r2 is not None)


def test_there_is_none_without_powers() -> None:
    task = task_on(table(X[:, 0] ** 2), FitOptions(exclude=("power",)))
    assert list(ProductsOfFactors().propose(task, Ledger())) == []


def test_a_search_ends_with_the_law_before_a_network_is_trained() -> None:
    from kancli.search import find_formula

    told: list[str] = []
    dataset = table(X[:, 0] * np.exp(-X[:, 1] / X[:, 2]))
    ledger = find_formula(task_on(dataset, QUICK, report=lambda p: told.append(p.message)))
    assert ledger.best.formula.text == "a*exp(-b/c)"
    assert ledger.trained == []


def test_of_one_input_too() -> None:
    x = X[:, :1]
    assert found(table(x[:, 0] ** 2 * np.exp(-3 * x[:, 0]), x=x)) == "a**2*exp(-3*a)"
