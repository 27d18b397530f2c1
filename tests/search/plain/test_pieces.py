"""Straight pieces and remainders: breaks, jumps and divisors of one's own come back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kancli.search.plain.pieces import best_runs, pieces, shortest_between
from kancli.search.plain.remainders import remainders
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import finish


def left(forms, x, y) -> float:
    return min(float(np.abs(evaluate(form, x[:, None]) - y).max()) for form in forms)


def test_the_breaks_of_a_tariff_are_found():
    x = np.linspace(0.0, 50.0, 81)
    y = 4 + 0.3 * x + 0.5 * np.maximum(x - 13.7, 0) - 0.6 * np.maximum(x - 31.1, 0)
    assert left(pieces(x, y), x, y) < 1e-10


def test_a_jump_lies_at_the_shortest_number_between_its_rows():
    x = np.linspace(-1.0, 1.0, 40)
    y = np.where(x > 0.2, 3 * x + 1, -2.0)
    forms = list(pieces(x, y))
    assert left(forms, x, y) < 1e-12
    assert "1/5" in repr(forms)


def test_a_line_and_noise_are_hardly_cut():
    rng = np.random.default_rng(3)
    x = np.linspace(0.0, 1.0, 60)
    assert len(best_runs(x, rng.normal(size=60), False)) <= 3
    assert len(best_runs(x, 2 * x + 1, False)) == 2


@pytest.mark.parametrize(
    ("low", "high", "found"), [(0.47, 0.53, Fraction(1, 2)), (-13.2, -12.7, -13), (980.0, 1040.0, 1000)]
)
def test_the_shortest_number_between_two(low, high, found):
    assert shortest_between(low, high) == found


def test_remainders_of_a_whole_input_are_found():
    n = np.arange(1.0, 90.0)
    y = 3.0 * (n % 4 == 0) + 0.5 * (n % 7)
    assert left(remainders(n, y), n, y) < 1e-10
    assert list(remainders(n + 0.5, y)) == []
    assert list(remainders(n, np.random.default_rng(1).normal(size=len(n)))) == []


def test_terms_in_steps_of_a_whole_input_are_not_taken_for_rounding():
    n = np.arange(1.0, 61.0)
    y = 1.0 * (n % 3 == 0) + 2.0 * (n % 5 == 0)
    (form,) = remainders(n, y)
    kept = finish(form, n[:, None], y, inputs=["n"], target="y")
    assert kept.rmse is not None
    assert kept.rmse < 1e-12
