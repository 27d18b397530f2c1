"""Sums of powers as a proposer: one proposal, in the first round, where such sums can be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.powers.proposer import SumsOfPowers
from kancli.search.task import Task

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (90, 2))
NOISE = RNG.normal(size=90)


def table(y: np.ndarray, noise: float = 0.0, columns: int = 2) -> Dataset:
    y = y + noise * y.std() * NOISE
    return from_memory(X[:, :columns], y, inputs=("a", "b")[:columns])[0]


# Simplifying is not what these tests are about, and slow.
QUICK = FitOptions(simplify_seconds=0.1)
NO_WAVES = FitOptions(simplify_seconds=0.1, exclude=("sin", "cos"))


def proposed(task: Task, ledger: Ledger | None = None) -> list[Candidate]:
    proposals = list(SumsOfPowers().propose(task, Ledger() if ledger is None else ledger))
    assert len(proposals) == 1
    assert isinstance(proposals[0], tuple)
    return list(proposals[0])


def test_an_exact_law_is_the_only_candidate_and_nothing_else_is_looked_for() -> None:
    ledger = Ledger()
    (one,) = proposed(task_on(table(2 * X[:, 0] ** 2 / X[:, 1])), ledger)
    assert one.formula.text == "2*a**2/b"
    assert one.base.stage == "powers"
    assert one.origin == "product"
    assert ledger.heard == [one]
    # What it has heard is judged by the search, not by the proposer.
    assert ledger.candidates == []


def test_a_law_under_a_root_is_found_after_the_powers_that_come_before_it() -> None:
    (one,) = proposed(task_on(table(np.sqrt(X[:, 0] ** 2 + X[:, 1] ** 2)), QUICK))
    assert one.formula.text == "sqrt(a**2 + b**2)"


def test_under_noise_there_are_several_and_the_shortest_is_the_law() -> None:
    made = proposed(task_on(table(X[:, 0] ** 2 + X[:, 1] / 2, 0.05), QUICK))
    assert len(made) > 1
    assert all(c.noise for c in made)
    assert min(made, key=lambda c: c.bits).formula.text in ("a**2 + b/2", "(2*a**2 + b)/2")


def test_a_table_that_is_no_such_sum_gives_an_empty_proposal() -> None:
    task = task_on(
        table(np.sin(3 * X[:, 0]) * np.tanh(X[:, 1]) + 3),
        NO_WAVES,
    )
    assert proposed(task) == []


@pytest.mark.parametrize("blurred", [False, True])
def test_of_one_input_splines_show_all_there_is_unless_noise_blurs_it(blurred: bool) -> None:
    task = replace(task_on(table(3 * X[:, 0] ** 2, 0.02, columns=1), QUICK), blurred=blurred)
    proposals = list(SumsOfPowers().propose(task, Ledger()))
    assert len(proposals) == blurred


def test_where_powers_are_excluded_it_proposes_nothing() -> None:
    task = task_on(table(X[:, 0] / X[:, 1]), FitOptions(exclude=("power",)))
    assert list(SumsOfPowers().propose(task, Ledger())) == []
