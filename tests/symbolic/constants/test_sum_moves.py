"""Moves of a sum: an exact ratio of two terms, an exact factor before it, an exact coefficient inside."""

from __future__ import annotations

import numpy as np
import pytest
from snapping import X, fitted, paid, texts

from kancli.symbolic.constants.sum_moves import sum_moves
from kancli.symbolic.expression import constants, evaluate, with_constants

# Each has an exact ratio, factor or coefficient that only shows when its constants are taken together.
TIES = ("0.7317*x + 1.4634*y", "0.7317*x - 0.7317*y**2 + 0.31", "exp(0.7317*x - 0.7317*y)")
TURNS = ("0.7317*(x + 1.16896789*y)**2", "1.8677*(x + 0.7317)**-2", "2.3381*sqrt(x + 0.7317*y)")
PUSHES = ("2.4*(x + 0.7317*y)**2", "4.0*(x + 0.7317*y)**2", "9.0*(0.7317*x + 1)**2")


@pytest.mark.parametrize("text", [*TIES, *TURNS, *PUSHES])
@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_every_move_loses_a_free_constant_and_keeps_the_values(text: str, noise: float) -> None:
    now, _ = fitted(text, noise)
    for move in sum_moves(now):
        built = move.build(move.start)
        assert len(constants(built)) == len(now.theta) - 1
        # As the constraint is met to first order, and the constants hardly move, so are the values.
        same = evaluate(with_constants(now.expression, move.start.tolist()), X)
        assert np.allclose(evaluate(built, X), same, rtol=1e-9 if noise == 0 else 0.01)


@pytest.mark.parametrize("text", [*TIES, *TURNS, *PUSHES])
def test_a_move_costs_what_it_promises(text: str) -> None:
    now, y = fitted(text, 0.003)
    for move in sum_moves(now):
        promised, really = paid(move, now, y)
        assert abs(really - promised) < 0.2 + 0.1 * abs(really)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0.7317*x + 1.4634*y", "0.7317*(x + 2*y)"),
        ("0.7317*x - 0.7317*y", "0.7317*(x - y)"),
        ("exp(0.7317*x - 0.7317*y)", "exp(0.7317*(x - y))"),
        # C·(u + b)² with C·b² = 1.
        (f"{0.73**-2}*(x + 0.73)**2", "(1.36986*x + 1)**2"),
        # C·(u + b·v)² with √C = 2.
        ("4.0*(x + 0.7317*y)**2", "(2*x + 1.4634*y)**2"),
        # C·√(u + b·v) with C = 3 under the root.
        ("3.0*sqrt(x + 0.7317*y)", "sqrt(9*x + 6.5853*y)"),
    ],
)
def test_the_exact_writing_is_among_the_moves(text: str, written: str) -> None:
    now, _ = fitted(text, 0.0)
    assert written in texts(list(sum_moves(now)))


def test_where_no_ratio_is_exact_there_is_no_move() -> None:
    now, _ = fitted("0.73172936411*x + 1.2180117*y", 0.0)
    assert list(sum_moves(now)) == []
    now, _ = fitted("0.73172936411*x*y", 0.0)
    assert list(sum_moves(now)) == []


def test_terms_with_a_coefficient_of_nought_are_not_tied() -> None:
    now, _ = fitted("0.0*x + 0.7317*y", 0.0)
    assert all(len(constants(m.build(m.start))) < 2 and np.isfinite(m.start).all() for m in sum_moves(now))
