"""Moves to exact constants: each loses a free constant at the price that it promises, the surest first."""

from __future__ import annotations

import numpy as np
import pytest
from snapping import X, fitted, paid, texts

from kancli.symbolic.constants.moves import moves
from kancli.symbolic.expression import constants, evaluate

# A number with a point is free; each has an exact value not far away.
FORMULAS = (
    "2.003*x + 0.4998*y",
    "3.01*sin(1.998*x + 0.003)",
    "x**1.996*1.501*y",
    "1.004*exp(-0.9996*x) + 0.0007*y",
    "1.6819*(x/y)**(1/4)",
    "2.719*x + 3.1419*y**2",
    "1.4145*x/(y + 1.001)",
)


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_every_move_loses_a_free_constant_and_they_come_in_the_order_of_their_eagerness(
    text: str, noise: float
) -> None:
    now, _ = fitted(text, noise)
    found = moves(now)
    for move in found:
        assert len(constants(move.build(move.start))) < len(now.theta)
        assert move.gain > 0
    assert [m.eagerness for m in found] == sorted((m.eagerness for m in found), reverse=True)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_move_costs_what_it_promises(text: str) -> None:
    """The promise is of first order; exponents and offsets that vanish are more eager by a fixed amount."""
    now, y = fitted(text, 0.003)
    for move in moves(now):
        promised, really = paid(move, now, y)
        early = promised + 10.0
        assert min(abs(really - promised), abs(really - early)) < 0.2 + 0.1 * abs(really)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2.0*x", "2*x"),
        ("1.0*x + 0.7317*y", "x + 0.7317*y"),
        ("3.141592653589793*x", "pi*x"),
        ("1.4142135623730951*x", "sqrt(2)*x"),
        ("x**2.0*0.7317", "0.7317*x**2"),
        ("sin(x + 0.0)", "sin(x + 0)"),
        ("1.681792830507429*(x/y)**(1/4)", "8**(1/4)*(x/y)**(1/4)"),
    ],
)
def test_an_exact_value_is_offered_first(text: str, written: str) -> None:
    now, _ = fitted(text, 0.0)
    assert texts(moves(now))[0] == written


def test_a_number_within_its_error_of_a_root_is_offered_as_one() -> None:
    now, _ = fitted("1.6819*(x/y)**(1/4)", 0.003)
    assert "8**(1/4)*(x/y)**(1/4)" in texts(moves(now))


def test_an_exponent_is_rational_or_stays_free() -> None:
    now, _ = fitted("x**3.141592653589793*0.7317", 0.0)
    assert not any("pi" in text for text in texts(moves(now)))
    now, _ = fitted("0.7317 + 3.141592653589793*x", 0.0)
    assert any("pi" in text for text in texts(moves(now)))


def test_a_number_that_is_near_nothing_exact_has_no_move() -> None:
    now, _ = fitted("0.73172936411*x", 0.0)
    assert moves(now) == []


def test_a_negative_number_beside_a_root_keeps_its_sign() -> None:
    now, y = fitted("-1.681792830507429*(x/y)**(1/4)", 0.0)
    first = moves(now)[0]
    assert np.allclose(evaluate(first.build(first.start), X), y)
