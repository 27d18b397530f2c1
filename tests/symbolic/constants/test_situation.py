"""What a constraint on the constants costs: as least squares under that constraint say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from snapping import ROWS, X, fitted

from kancli.symbolic.constants.situation import Situation, constrained, offered
from kancli.symbolic.description import error_bits
from kancli.symbolic.expression import evaluate, with_constants


@pytest.mark.parametrize("seed", range(5))
def test_a_linear_constraint_gives_the_constrained_minimum_and_its_error(seed: int) -> None:
    now, y = fitted("1.7*x - 0.4*y + 2.3", 0.1)
    rng = np.random.default_rng(seed)
    gradient, gap = rng.normal(size=3), 0.05 * rng.normal()
    start, cost, deviation = constrained(now, gradient, gap)
    # By Lagrange's multipliers.
    design = np.column_stack([X[:, 0], X[:, 1], np.ones(ROWS)])
    gram = design.T @ design
    system = np.block([[gram, gradient[:, None]], [gradient[None, :], np.zeros((1, 1))]])
    solved = np.linalg.solve(system, [*(design.T @ y), gradient @ now.theta - gap])[:3]
    assert start == pytest.approx(solved, rel=1e-9)
    mse = float(np.mean((y - design @ solved) ** 2))
    assert cost == pytest.approx(error_bits(mse, ROWS) - error_bits(now.mse, ROWS), rel=1e-6)
    covariance = now.mse * np.linalg.inv(gram)
    assert deviation == pytest.approx(math.sqrt(gradient @ covariance @ gradient), rel=1e-9)


def test_no_gap_costs_nothing_and_moves_nothing() -> None:
    now, _ = fitted("1.7*x - 0.4*y + 2.3", 0.1)
    start, cost, _ = constrained(now, np.array([1.0, 2.0, 0.0]), 0.0)
    assert np.array_equal(start, now.theta)
    assert cost == 0.0


@pytest.mark.parametrize("variance", [0.0, math.nan, math.inf])
def test_what_the_data_do_not_determine_cannot_be_constrained(variance: float) -> None:
    now, _ = fitted("1.7*x", 0.1)
    bad = Situation(now.expression, now.theta, np.array([[variance]]), now.mse, now.rows)
    start, cost, _ = constrained(bad, np.array([1.0]), 0.1)
    assert np.array_equal(start, now.theta)
    assert cost == math.inf


def test_values_on_offer_are_met_by_the_constants_that_go_with_them_the_cheapest_first() -> None:
    now, y = fitted("1.98*x - 0.4*y + 2.3", 0.05)
    gradient = np.array([1.0, 0.0, 0.0])
    offers = offered(now, float(now.theta[0]), gradient, 30.0)
    assert offers[0][0].value == 2.0
    assert [p.bits + cost for p, _, cost in offers] == sorted(p.bits + cost for p, _, cost in offers)
    for proposal, start, cost in offers:
        assert start[0] == pytest.approx(proposal.value)
        mse = float(np.mean((evaluate(with_constants(now.expression, start.tolist()), X) - y) ** 2))
        assert cost == pytest.approx(error_bits(mse, ROWS) - error_bits(now.mse, ROWS), rel=1e-4, abs=1e-6)


def test_where_two_names_that_are_not_plain_fit_alike_neither_is_taken() -> None:
    # Somewhere between 0.37 and 3/8, with this noise, both are as likely.
    gradient = np.array([1.0])
    start, _ = fitted("0.4*x", 0.0)
    found = []
    for value in np.linspace(0.368, 0.377, 60):
        now = Situation(start.expression, np.array([value]), np.array([[1e-2]]), 1e-4, ROWS)
        found.append(len(offered(now, float(value), gradient, 14.0)))
    assert min(found) == 0
    assert max(found) > 0
    # Plain names need not be told apart: the cheapest is taken, whatever else fits.
    for value in np.linspace(1.2, 3, 60):
        now = Situation(start.expression, np.array([value]), np.array([[1.0]]), 0.25, ROWS)
        assert offered(now, float(value), gradient, 14.0)[0][0].bits < 5
