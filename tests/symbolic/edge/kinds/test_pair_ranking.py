"""Pairs of shapes ranked in closed form: the same as least squares, up to single precision."""

from __future__ import annotations

import numpy as np
import pytest
from edges import Array, edge_of, rows

from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.kinds.pair_ranking import mixtures_of_two, products_of_two, sums_of_two
from kancli.symbolic.edge.kinds.shapes import Shapes, shapes_of
from kancli.symbolic.library.functions import library

FUNCTIONS = library(["x", "x^2", "exp", "sin", "cos", "tanh", "sqrt"])
X = rows(0.2, 3, count=80)
CURVE: Curve = edge_of(X, X * np.sin(3 * X) + np.exp(-X), np.linspace(0.5, 1.5, 80)).curve
SHAPES: Shapes = shapes_of(FUNCTIONS, CURVE, np.array([2.0, 5.0]))
S = CURVE.t - CURVE.origin
PAIRS = np.random.default_rng(0).integers(0, len(SHAPES.values), (60, 2))


def left(*columns: Array) -> float:
    """1 - r² of a constant and these columns by weighted least squares."""
    root = np.sqrt(CURVE.w)
    design = np.stack([np.ones_like(S), *columns], axis=1) * root[:, None]
    solution = np.linalg.lstsq(design, CURVE.y * root, rcond=None)[0]
    return float(np.sum((CURVE.y * root - design @ solution) ** 2) / np.sum(CURVE.w * CURVE.y**2))


def agree(residual: Array, by_least_squares) -> int:  # type: ignore[no-untyped-def]
    """How many of the pairs were ranked; all of those as least squares do."""
    ranked = [(i, j) for i, j in PAIRS if np.isfinite(residual[i, j])]
    for i, j in ranked:
        assert residual[i, j] == pytest.approx(by_least_squares(SHAPES.values[i], SHAPES.values[j]), abs=2e-2)
    return len(ranked)


@pytest.mark.parametrize("outside", [1.0, S, np.sqrt(S)], ids=["1", "s", "root s"])
def test_products(outside: Array | float) -> None:
    residual = products_of_two(SHAPES, CURVE, outside)
    assert agree(residual, lambda f, g: left(outside * f * g)) > 40
    assert np.allclose(residual, residual.T, atol=1e-3, equal_nan=True)


def test_products_beside_a_line() -> None:
    residual = products_of_two(SHAPES, CURVE, beside=S)
    assert agree(residual, lambda f, g: left(f * g, S)) > 40


def test_sums_of_which_one_at_least_is_two_deep() -> None:
    residual = sums_of_two(SHAPES, CURVE)
    assert agree(residual, left) > 10
    line = next(k for k, function in enumerate(FUNCTIONS) if function.is_line)
    single = np.flatnonzero(SHAPES.problems.chain[:, 0] == line)
    assert np.isinf(residual[np.ix_(single, single)]).all()
    assert np.isinf(np.diag(residual)).all()


def test_sums_beside_a_polynomial_are_in_units_of_what_it_leaves() -> None:
    residual = sums_of_two(SHAPES, CURVE, 2)
    alone = left(S, S**2)
    assert agree(residual, lambda f, g: left(f, g, S, S**2) / alone) > 20


def test_mixtures() -> None:
    residual = mixtures_of_two(SHAPES, CURVE)
    assert agree(residual, lambda f, g: left(f, g, f * g)) > 20


def test_the_pair_that_a_curve_was_made_of_is_ranked_first() -> None:
    functions = [FUNCTIONS[k].name for k in SHAPES.problems.chain[:, 1]]
    i, j = functions.index("sin"), functions.index("tanh")
    y = SHAPES.values[i] * SHAPES.values[j]
    mean = CURVE.w @ y
    made = Curve(CURVE.t, (y - mean) / np.sqrt(CURVE.w @ (y - mean) ** 2), CURVE.w, CURVE.origin)
    residual = products_of_two(SHAPES, made)
    assert residual[i, j] <= residual.min() + 1e-4
