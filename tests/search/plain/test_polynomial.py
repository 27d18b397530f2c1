"""Polynomials with few terms: the right ones enter, and nothing that the rows cannot carry."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.search.plain.polynomial import monomials, polynomial
from kancli.symbolic.expression import evaluate


def test_the_terms_of_a_polynomial_with_signs_are_found() -> None:
    x = np.random.default_rng(0).uniform(-2, 2, (300, 3))
    y = 1.5 * x[:, 0] ** 2 * x[:, 1] - 2 * x[:, 2] + 0.5 * x[:, 0] * x[:, 1] * x[:, 2] ** 2 + 3
    found = polynomial(monomials(x), x, y)
    assert found is not None
    assert set(found.terms) == {(0, 0, 1), (2, 1, 0), (1, 1, 2)}
    assert dict(zip(found.terms, found.factors, strict=True))[(2, 1, 0)] == pytest.approx(1.5, abs=1e-12)
    np.testing.assert_allclose(evaluate(found.expression(), x), y, rtol=1e-12, atol=1e-12)


def test_noise_adds_no_terms() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (200, 4))
    found = polynomial(monomials(x), x, 2 * x[:, 1] - x[:, 3] + rng.normal(0, 0.5, 200))
    assert found is not None
    assert set(found.terms) == {(0, 1, 0, 0), (0, 0, 0, 1)}


def test_noise_alone_is_a_constant() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (60, 3))
    found = polynomial(monomials(x), x, rng.normal(5, 1, 60))
    assert found is not None
    assert found.terms == ()


def test_a_column_of_two_values_has_no_square_and_one_that_hardly_varies_neither() -> None:
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.integers(0, 2, 100), 1.7e9 + rng.uniform(0, 1e5, 100), rng.uniform(0, 1, 100)])
    terms = monomials(x, 3)
    assert max(term[0] for term in terms) == 1
    assert max(term[1] for term in terms) == 1
    assert max(term[2] for term in terms) == 3


def test_rows_of_less_weight_decide_less() -> None:
    x = np.linspace(0, 1, 40)[:, None]
    y = 2 * x[:, 0]
    y[20:] += 5.0
    weight = np.where(np.arange(40) < 20, 1.0, 1e-12)
    found = polynomial(monomials(x, 1), x, y, weight)
    assert found is not None
    assert found.factors[0] == pytest.approx(2.0, rel=1e-6)


@pytest.mark.parametrize("rows", [3, 4, 6, 10])
def test_few_rows_are_never_interpolated(rows: int) -> None:
    rng = np.random.default_rng(rows)
    x = rng.uniform(0, 1, (rows, 1))
    found = polynomial(monomials(x), x, rng.normal(size=rows))
    assert found is None or len(found.factors) + 1 <= rows / 2
