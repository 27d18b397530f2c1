"""Fitting a sum of products of powers: exponents become exact where that describes the data more briefly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.search.powers.fit import explains, is_exact, nearest, residual_of, sum_of
from kancli.search.powers.model import Basis, Sum
from kancli.symbolic.expression import Call, Variable

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (80, 2))
NOISE = RNG.normal(size=80)
BASIS = Basis((0, 1), ())


def table(y: np.ndarray, noise: float = 0.0, x: np.ndarray = X) -> Dataset:
    return from_memory(x, y + noise * y.std() * NOISE[: len(y)], inputs=("a", "b"))[0]


def fitted(data: Dataset, terms: int, root: int = 1, basis: Basis = BASIS) -> Sum:
    found = sum_of(data, basis, Fraction(root), terms, 0)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.0, 0.001])
def test_a_random_product_gets_its_exact_exponents_back(seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    powers = rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0], 2)
    factor = rng.uniform(0.1, 10)
    data = table(factor * X[:, 0] ** powers[0] * X[:, 1] ** powers[1], noise)
    found = fitted(data, 1)
    assert np.array_equal(found.fitted.exponents[0], powers)
    assert found.exact.all()
    assert found.fitted.raw_factors() == pytest.approx([factor], rel=1e-9 if not noise else 0.02)
    assert explains(found, data)
    assert is_exact(found, data) == (noise == 0.0)


def test_exponents_that_are_near_no_fraction_stay_free() -> None:
    data = table(X[:, 0] ** 1.2345 * X[:, 1] ** 2)
    found = fitted(data, 1)
    assert found.exact.tolist() == [[False, True]]
    assert found.fitted.exponents[0] == pytest.approx([1.2345, 2.0], rel=1e-9)


@pytest.mark.parametrize("root", [1, 2, -1])
def test_a_power_of_the_target_is_a_sum_of_two(root: int) -> None:
    y = (2.5 * X[:, 0] ** 1.5 / X[:, 1] + 0.7 * X[:, 1] ** 2) ** (1 / root)
    data = table(y)
    found = fitted(data, 2, root)
    assert sorted(abs(found.fitted.exponents).tolist()) == [[0.0, 2.0], [1.5, 1.0]]
    assert is_exact(found, data)
    assert np.allclose(found.values(X), y, rtol=1e-9)
    assert np.allclose(residual_of(found, data), 0.0, atol=1e-9)


def test_more_terms_never_describe_the_data_worse_and_too_few_do_not_explain_them() -> None:
    data = table(X[:, 0] - 3 * X[:, 1] ** 2 + 0.5)
    sse = [float(np.sum(residual_of(fitted(data, terms), data) ** 2)) for terms in (1, 2, 3)]
    assert sse[0] > sse[1] > sse[2]
    assert [explains(fitted(data, terms), data) for terms in (1, 2, 3)] == [False, False, True]


def test_a_factor_that_is_no_power_is_found_among_the_extras() -> None:
    basis = Basis((0, 1), (Call("sin", Variable(0)), Call("cos", Variable(0))))
    found = fitted(table(2 * X[:, 1] ** 2 * np.cos(X[:, 0])), 1, basis=basis)
    assert found.fitted.extras.tolist() == [2]
    assert found.fitted.exponents.tolist() == [[0.0, 2.0]]


def test_too_few_rows_for_the_constants_give_nothing() -> None:
    few = X[:20]
    data = table(few[:, 0] * few[:, 1], x=few)
    assert sum_of(data, BASIS, Fraction(1), 2, 0) is None
    assert sum_of(data, BASIS, Fraction(1), 1, 0) is not None


def test_a_sum_without_a_root_on_some_row_explains_nothing() -> None:
    data = table(np.sqrt(X[:, 0] + X[:, 1]))
    found = fitted(data, 2, root=2)
    assert explains(found, data)
    turned = replace(found, fitted=replace(found.fitted, factors=-found.fitted.factors))
    assert not np.isfinite(residual_of(turned, data)).all()
    assert not explains(turned, data)


def test_a_third_must_be_nearer_than_a_half_to_be_meant() -> None:
    asked = np.array([[0.98, 0.47, 0.333, 0.34, 2.02, -1.49, 0.05]])
    assert nearest(asked)[0] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 3, 2, -3 / 2, 0])
    # Between one third and one half there is a place where neither is meant.
    assert nearest(np.array([[0.36, 0.39, 0.42]]))[0] == pytest.approx([1 / 3, 0, 1 / 2])
