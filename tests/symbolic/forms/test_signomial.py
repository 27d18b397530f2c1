"""Sums of products of powers from many starts."""

from dataclasses import replace

import numpy as np
import pytest

from kancli.symbolic.forms.signomial import fit_signomials

X = np.random.default_rng(0).uniform(0.5, 4, (300, 4))


def value(found, x):  # type: ignore[no-untyped-def]
    return np.exp(np.log(x) @ found.exponents.T) @ found.raw_factors()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("law", "terms"),
    [
        (lambda a, b, c, d: 3 * a**2 / b, 1),
        (lambda a, b, c, d: a**2 / b + 0.5 * b * c**2 * d, 2),
        (lambda a, b, c, d: 1 - a**2 / b**2, 2),
        (lambda a, b, c, d: a**2 / b + b * c**2 * d**2 * (1 + a * c / d), 3),
    ],
)
def test_exponents_and_factors_come_back(law, terms: int, seed: int) -> None:  # type: ignore[no-untyped-def]
    y = law(*X.T)
    found, *_ = fit_signomials(X, y, None, terms, seed=seed)
    np.testing.assert_allclose(value(found, X), y, rtol=0, atol=1e-6 * y.std())
    assert found.sse / len(y) / y.var() < 1e-12


def test_weights_say_which_rows_count() -> None:
    y = X[:, 0] * X[:, 1]
    weight = np.ones(len(y))
    y[::5], weight[::5] = 1e3, 0.0
    found, *_ = fit_signomials(X, y, weight, 1, seed=0)
    np.testing.assert_allclose(found.exponents, [[1, 1, 0, 0]], atol=1e-9)
    assert found.sse < 1e-12


def test_fixed_exponents_stay() -> None:
    y = X[:, 0] ** 1.1 * X[:, 1]
    start = replace(fit_signomials(X, y, None, 1, seed=0)[0], exponents=np.array([[1.0, 0.8, 0.1, 0.0]]))
    fixed = np.array([[True, False, False, True]])
    found, *_ = fit_signomials(X, y, None, 1, seed=0, start=start, fixed=fixed)
    assert (found.exponents[0, [0, 3]] == [1.0, 0.0]).all()
    assert abs(found.exponents[0, 1] - 1) < 0.1


def test_scales_do_not_matter() -> None:
    tiny = X * np.array([1e-20, 1e20, 1, 1e-5])
    y = 1e-30 * X[:, 0] / X[:, 1] + 3e-30 * X[:, 3] ** 2
    found, *_ = fit_signomials(tiny, y, None, 2, seed=0)
    np.testing.assert_allclose(value(found, tiny), y, rtol=1e-6)


def test_the_same_seed_gives_the_same_fit() -> None:
    y = X[:, 0] / X[:, 1] + X[:, 2] + 0.1 * np.random.default_rng(1).normal(size=len(X))
    one, other = (fit_signomials(X, y, None, 2, seed=3)[0] for _ in range(2))
    assert (one.exponents == other.exponents).all()
    assert one.sse == other.sse
