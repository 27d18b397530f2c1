"""The quotient of polynomials that a table follows to rounding."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.search.quotients.fit import Quotient, divided, monomials_of, quotient_of
from kancli.symbolic.expression import evaluate

X = np.random.default_rng(0).uniform(-1, 3, (300, 2))


def terms(quotient: Quotient) -> tuple[int, int, int]:
    return len(quotient.whole), len(quotient.above), len(quotient.below)


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (lambda a, b: 2 * a - a * b - b**2, (0, 3, 1)),
        (lambda a, b: (1 + 2 * a) / (4 + b), (0, 2, 2)),
        (lambda a, b: a * b / (7 + a**2 + b), (0, 1, 3)),
        (lambda a, b: 20 - a - a * b / (1 + a**2 / 2), (2, 1, 2)),
        (lambda a, b: (0.3 + 0.5 * a + 0.7 * b) / (5 + 0.2 * a - 0.4 * b), (0, 3, 3)),
    ],
)
def test_it_comes_back_with_no_more_terms_than_it_has(law, expected: tuple[int, int, int]) -> None:  # type: ignore[no-untyped-def]
    y = law(*X.T)
    found = quotient_of(X, y)
    assert found is not None
    assert terms(found) == expected
    assert evaluate(found.expression, X) == pytest.approx(y, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_other_functions_and_noise_are_no_quotient(noise: float) -> None:
    y = (
        np.sin(3 * X[:, 0]) * X[:, 1]
        if not noise
        else X[:, 0] + noise * np.random.default_rng(1).normal(size=300)
    )
    assert quotient_of(X, y) is None


def test_units_do_not_matter() -> None:
    scale = np.array([1e-20, 1e15])
    y = 1e-30 * (1 + X[:, 0]) / (5 + X[:, 1])
    found = quotient_of(X * scale, y)
    assert found is not None
    assert evaluate(found.expression, X * scale) == pytest.approx(y, rel=1e-8)


def test_too_few_rows_follow_everything_and_so_nothing() -> None:
    assert quotient_of(X[:8], X[:8, 0]) is None


def test_a_target_or_an_input_of_zeros_is_none() -> None:
    assert quotient_of(X, np.zeros(300)) is None
    assert quotient_of(X * np.array([1.0, 0.0]), X[:, 0]) is None


def test_a_multiple_of_the_denominator_comes_out_only_where_that_is_shorter() -> None:
    below = {(): 1.0, (0,): 2.0}
    assert divided(Quotient({}, {(): 3.0, (0,): 6.0, (1,): 1.0}, below)).whole == {(): 3.0}
    kept = Quotient({}, {(): 3.0, (0,): 5.0}, below)
    assert divided(kept) == kept


def test_all_products_of_so_many_inputs_are_monomials() -> None:
    assert monomials_of(2, 2) == [(), (0,), (1,), (0, 0), (0, 1), (1, 1)]
