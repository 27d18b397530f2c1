"""Compositions of two: the true pair first, on exact curves, under noise, and read off splines."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from edges import best, edge_of, is_exact
from numpy.typing import NDArray
from scipy.interpolate import make_lsq_spline

from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.edge.kinds.compositions import compositions_of
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
FUNCTIONS = library()

# Name, range, curve; more than one name where two equally simple writings are the same function:
# 1/(1 + exp(-2z)) = (1 + tanh z)/2 and 1/sin² z = 2/(1 - cos 2z).
CURVES: list[tuple[tuple[str, ...], float, float, Callable[[Array], Array]]] = [
    (("log(exp)",), -3, -0.1, lambda u: -0.5 * np.log(1 - np.exp(2 * u))),
    (("1/x(exp)",), 0.2, 3, lambda v: 1 / np.expm1(v)),
    (("1/sqrt(x^2)",), -0.9, 0.9, lambda w: (1 - w * w) ** -0.5),
    (("exp(sin)",), -1, 1, lambda x: np.exp(-np.sin(3 * x))),
    (("sqrt(x^2)",), -2, 2, lambda x: np.sqrt(1 + x * x)),
    (("sqrt(x^2)",), 0, 3, lambda x: np.sqrt(2 + (x - 0.5) ** 2)),
    (("log(x^2)",), -2, 2, lambda x: np.log(1 + x * x)),
    (("1/x(x^2)",), -2, 2, lambda x: 1 / (1 + 2 * x * x)),
    (("sin(x^2)",), -2, 2, lambda x: np.sin(2 * x * x)),
    (("sin(exp)",), -1, 1, lambda x: np.sin(2 * np.exp(x))),
    (("exp(sqrt)",), 0.01, 4, lambda x: np.exp(-np.sqrt(x))),
    (("tanh(x^2)", "1/x(gaussian)"), 0, 2, lambda x: np.tanh(x * x - 1)),
    (("1/x(sin)",), 0.3, 2.8, lambda x: 1 / np.sin(x)),
    (("1/x(sqrt)",), 0.3, 2.8, lambda x: 1 / (1 + np.sqrt(x))),
    (("x^2(sin)",), -1, 2, lambda x: (np.sin(2 * x) + 0.3) ** 2),
    (("log(sin)",), -2, 2, lambda x: np.log(2 + np.sin(3 * x))),
    (("exp(1/x)",), 0.3, 3, lambda x: np.exp(-1 / x)),
    (("arcsin(x^2)",), -0.9, 0.9, lambda x: np.arcsin(x * x)),
    (("sqrt(log)",), 1.1, 6, lambda x: np.sqrt(np.log(x))),
    (("exp(exp)",), -1, 1, lambda x: np.exp(-np.exp(x))),
    (("1/x^2(sin)", "1/x(cos)"), 0.4, 2.5, lambda x: 1 / np.sin(x) ** 2),
    (("arctan(exp)",), -2, 2, lambda x: np.arctan(3 * np.exp(x))),
    (("exp(abs)",), -2, 2, lambda x: np.exp(-abs(x - 0.3))),
]
IDS = [f"{names[0]} on [{low}, {high}]" for names, low, high, _ in CURVES]


def rows(low: float, high: float, seed: int = 0) -> Array:
    return np.sort(np.random.default_rng(seed).uniform(low, high, 1000))


def spline(x: Array, y: Array, grid: int) -> Array:
    knots = np.linspace(x[0], x[-1], grid + 1)
    knots = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    return np.asarray(make_lsq_spline(x, y, knots, 3)(x))


@pytest.mark.parametrize(("names", "low", "high", "curve"), CURVES, ids=IDS)
def test_the_true_pair_comes_first(
    names: tuple[str, ...], low: float, high: float, curve: Callable[[Array], Array]
) -> None:
    x = rows(low, high)
    best = fit_edge(x, curve(x), None, FUNCTIONS, sums=False)[0]
    assert best.name in names
    assert best.residual < 1e-24


@pytest.mark.parametrize("error", [1e-6, 1e-3])
@pytest.mark.parametrize(("names", "low", "high", "curve"), CURVES[:16], ids=IDS[:16])
def test_the_true_pair_comes_first_under_noise(
    names: tuple[str, ...], low: float, high: float, curve: Callable[[Array], Array], error: float
) -> None:
    x = rows(low, high)
    y = curve(x)
    y = y + error * np.std(y) * np.random.default_rng(1).normal(size=len(y))
    assert fit_edge(x, y, None, FUNCTIONS, floor=error**2, sums=False)[0].name in names


@pytest.mark.parametrize(("names", "low", "high", "curve"), CURVES[:18], ids=IDS[:18])
def test_the_true_pair_is_read_off_a_spline(
    names: tuple[str, ...], low: float, high: float, curve: Callable[[Array], Array]
) -> None:
    x = rows(low, high)
    y = curve(x)
    fine, coarse = spline(x, y, 20), spline(x, y, 10)
    floor = float(np.mean((fine - coarse) ** 2) / np.var(fine))
    assert fit_edge(x, fine, None, FUNCTIONS, floor=floor, sums=False)[0].name in names


def test_offsets_that_the_data_do_not_ask_for_are_nought() -> None:
    x = rows(-2, 2)
    inner, outer = fit_edge(x, np.sqrt(1 + x * x), None, FUNCTIONS)[0].activation.terms[0].steps
    assert (inner.function, inner.b) == ("x^2", 0.0)
    assert (outer.function, outer.a, outer.b) == ("sqrt", 1.0, pytest.approx(1, rel=1e-10))


def test_compositions_of_raw_units_are_found_at_any_scale() -> None:
    x = rows(-2, 2)
    for scale in (1e-20, 1e20):
        assert fit_edge(scale * x, 1e20 * np.sqrt(1 + x * x), None, FUNCTIONS)[0].name == "sqrt(x^2)"


def test_no_composition_where_one_function_does() -> None:
    x = rows(0.2, 2)
    for y in (np.exp(-x), 1 / x, np.tanh(x - 1)):
        candidates = fit_edge(x, y, None, FUNCTIONS, compositions=True, sums=False)
        assert len(candidates[0].activation.terms[0].steps) == 1


def test_a_library_without_the_functions_gives_what_it_has() -> None:
    x = rows(-2, 2)
    candidates = fit_edge(x, np.exp(-np.sin(3 * x)), None, library(["x^2", "sqrt"]))
    assert {step.function for c in candidates for term in c.activation.terms for step in term.steps} <= {
        "x",
        "x^2",
        "sqrt",
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "curve",
    [
        lambda x, p: np.exp(-p[0] * np.sin(3 * p[1] * x + p[2])),
        lambda x, p: np.sqrt(p[0] + (p[1] * x - p[2]) ** 2),
        lambda x, p: np.log(1 + p[0] + np.sin(2 * p[1] * x)),
        lambda x, p: np.tanh(p[0] * np.exp(p[1] * x) - p[2]),
    ],
    ids=["exp(sin)", "sqrt(x^2)", "log(sin)", "tanh(exp)"],
)
def test_a_composition_with_random_constants_is_fitted(
    curve: Callable[[Array, Array], Array], seed: int
) -> None:
    few = library(["x", "x^2", "sqrt", "exp", "log", "sin", "cos", "tanh"])
    x = rows(-1, 2, seed)[::4]
    y = curve(x, np.random.default_rng(seed).uniform(0.5, 1.5, 3))
    found = compositions_of(edge_of(x, y), few, 0.0)
    assert all(len(chain) == 2 for one in found for term in one.activation.terms for chain in term.chains)
    assert is_exact(best(found), x, y)


@pytest.mark.slow
def test_all_pairs_take_less_than_a_second() -> None:
    x = rows(-1, 1)
    start = time.process_time()
    fit_edge(x, np.exp(-np.sin(3 * x)), None, FUNCTIONS, compositions=True)
    assert time.process_time() - start < 1.0
