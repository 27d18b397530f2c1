"""What the digits of a column say about its rounding."""

from __future__ import annotations

import numpy as np

from kancli.dataset.digits import rounding_variance, steps

RNG = np.random.default_rng(0)


def test_computed_values_are_not_rounded() -> None:
    assert not steps(np.sin(np.arange(30.0))).any()


def test_decimals_are_seen_where_one_in_ten_has_lost_its_last_zero() -> None:
    values = np.round(RNG.uniform(0, 50, 200), 2)
    assert np.allclose(steps(values), 0.01)


def test_significant_digits_are_seen_over_many_decades() -> None:
    values = np.array([float(f"{v:.4g}") for v in 10 ** RNG.uniform(-3, 3, 200)])
    found = steps(values)
    assert np.allclose(found, 10.0 ** (np.floor(np.log10(values)) - 3))


def test_a_measured_whole_number_is_rounded_to_one_and_a_set_point_or_a_code_is_exact() -> None:
    assert np.all(steps(np.round(RNG.uniform(0, 900, 100))) == 1)
    assert not steps(np.round(RNG.uniform(0, 900, 100)) * 50).any()
    assert not steps(np.array([0.0, 1, 1, 0])).any()


def test_the_variance_of_rounding_is_that_of_an_even_error() -> None:
    exact = RNG.uniform(0, 30, 20_000)
    error = np.mean((np.round(exact, 1) - exact) ** 2)
    assert np.isclose(rounding_variance(np.round(exact, 1)), error, rtol=0.05)
