"""One price list: what is shorter, and by how much."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kancli.dataset import from_memory
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.constants.length import length
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.description import (
    described,
    error_bits,
    estimated,
    expected_bits,
    free_bits,
    resolved,
)
from kancli.symbolic.formula import write
from kancli.symbolic.text.parser import parse


def test_among_equal_errors_fewer_constants_and_fewer_nodes_are_shorter() -> None:
    error = resolved(1e-3)
    assert estimated(error, 100, 2, 5) < estimated(error, 100, 3, 5)
    assert estimated(error, 100, 2, 5) < estimated(error, 100, 2, 9)


def test_errors_below_rounding_cost_the_same() -> None:
    assert estimated(resolved(1e-14), 1000, 1, 3) == pytest.approx(
        estimated(resolved(0.0), 1000, 1, 3), abs=0.01
    )


def test_one_digit_more_of_every_row_pays_for_a_constant() -> None:
    assert estimated(resolved(1e-4), 100, 4, 9) < estimated(resolved(1e-3), 100, 3, 7)


def test_a_free_constant_costs_a_bit_more_for_every_bit_that_the_data_determine() -> None:
    known = [free_bits(3.0, 3.0 * 2.0**-bits) for bits in range(10, 40, 10)]
    assert np.allclose(np.diff(known), 10.0, atol=0.01)
    assert free_bits(3.0, 0.0) == free_bits(3.0, 1e-30)


def test_the_estimate_is_what_a_constant_costs_whose_error_falls_with_the_root_of_the_rows() -> None:
    assert free_bits(1.0, 1 / math.sqrt(400)) == pytest.approx(expected_bits(400), abs=0.1)


def test_snapping_and_the_final_choice_ask_the_same_prices() -> None:
    """The length of a formula is what its refitted expression costs, up to the floor of rounding."""
    x = np.random.default_rng(0).uniform(1, 3, (200, 2))
    y = 2.345 * np.exp(-x[:, 0]) * x[:, 1] ** 2 + np.random.default_rng(1).normal(0, 0.05, 200)
    data, _ = from_memory(x, y, inputs=("a", "b"))
    lengths = []
    for text in ("2.345*b**2*exp(-a)", "2*b**2*exp(-a)", "(355/113)*b**2*exp(-a) + 0.5*a"):
        fitted = refit(parse(text, ("a", "b")), data.x, data.y)
        formula = write(fitted.expression, data.x, data.y, **columns_of(data))
        lengths.append((final_bits(formula, data), length(fitted, 200, 0.0).bits))
    differences = np.diff(np.array(lengths), axis=0)
    assert np.allclose(differences[:, 0], differences[:, 1], atol=0.5)


def test_a_fraction_of_long_numbers_costs_more_than_a_small_one() -> None:
    x = np.linspace(1, 2, 50)[:, None]
    data, _ = from_memory(x, 2 * x[:, 0], inputs=("x",))
    short, long = (
        write(parse(text, ("x",)), data.x, data.y, **columns_of(data)) for text in ("2*x", "(355/113)*x")
    )
    rows, none = len(data.y), resolved(0.0)
    assert described(none, rows, [], [1.0], 3) < described(none, rows, [], [20.0], 3)
    assert final_bits(long, data) - final_bits(short, data) > 20


def test_the_size_of_the_errors_is_integrated_out() -> None:
    """-log₂ of the integral of the likelihood of m = n − k rows over σ, under 1/σ, by the trapezoidal rule."""
    rows, rss = 8, 0.3
    sigma = np.exp(np.linspace(-8, 8, 20_001))
    alike = []
    for free in range(6):
        left = rows - free
        likelihood = sigma ** -float(left) * np.exp(-rss / (2 * sigma**2))
        integral = float(np.sum(likelihood) * np.log(sigma[1] / sigma[0]))
        # Constants are priced by their standard errors, each of which has a σ in it.
        ours = error_bits(rss / rows, rows, free) - free * 0.5 * math.log2(rss / left)
        alike.append(ours + math.log2(integral))
    assert np.ptp(alike) < 1e-3


def test_with_many_rows_the_number_of_constants_does_not_change_what_residuals_cost() -> None:
    assert error_bits(0.1, 10_000, 8) == pytest.approx(error_bits(0.1, 10_000, 0), abs=0.01)


def test_no_formula_has_more_constants_than_half_the_rows() -> None:
    x = np.linspace(1, 2, 6)[:, None]
    data, _ = from_memory(x, np.array([1.0, 3, 2, 5, 4, 6]), inputs=("x",))
    lengths = [
        final_bits(write(parse(text, ("x",)), data.x, data.y, **columns_of(data)), data)
        for text in ("1.5*x + 0.5*x**2 + 0.1", "1.5*x + 0.5*x**2 + 0.1*x**3 + 0.3")
    ]
    assert math.isfinite(lengths[0])
    assert math.isinf(lengths[1])
