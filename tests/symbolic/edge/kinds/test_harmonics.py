"""Sums of harmonics, alone, under an envelope or beside a power, fit their own members."""

from __future__ import annotations

import numpy as np
import pytest
from edges import best, edge_of, is_exact, raw, rows

from kancli.symbolic.edge.kinds.harmonics import FEWEST_ROWS, harmonics
from kancli.symbolic.library.functions import library

FUNCTIONS = library(["x", "x^2", "x^3", "exp", "sin", "cos"])


@pytest.mark.parametrize(("power", "enveloped"), [(0, False), (0, True), (1, False), (2, True)])
def test_random_harmonics_are_fitted(power: int, enveloped: bool) -> None:
    rng = np.random.default_rng(power + 10 * enveloped)
    x = rows(-1, 2, count=150)
    omega, rate = rng.uniform(2, 6), rng.uniform(-1.5, -0.5) if enveloped else 0.0
    orders = rng.choice([1, 2, 3, 4], 2, replace=False)
    waves = [
        rng.uniform(0.5, 1) * np.sin(k * omega * x) + rng.uniform(0.5, 1) * np.cos(k * omega * x)
        for k in orders
    ]
    y = np.asarray(x**power * np.exp(rate * x) * sum(waves)) + rng.uniform(-1, 1)
    edge = edge_of(x, y)
    assert is_exact(best(raw(harmonics(edge, FUNCTIONS), edge, FUNCTIONS)), x, y)


def test_harmonics_that_explain_nothing_are_left_out() -> None:
    x = rows(-1, 2)
    y = np.sin(4 * x) + 0.5 * np.cos(12 * x)
    edge = edge_of(x, y)
    s = edge.curve.t - edge.curve.origin
    found = min(harmonics(edge, FUNCTIONS), key=lambda one: float(np.var(one.evaluate(s) - edge.curve.y)))
    assert len(found.terms) == 2
    assert sorted(term.steps[0].a for term in found.terms) == pytest.approx([4 * edge.half, 12 * edge.half])


@pytest.mark.parametrize("missing", ["sin", "cos"])
def test_without_both_waves_or_with_few_rows_there_are_none(missing: str) -> None:
    x = rows(-1, 2)
    few = tuple(function for function in FUNCTIONS if function.name != missing)
    assert harmonics(edge_of(x, np.sin(4 * x)), few) == []
    x = x[: FEWEST_ROWS - 1]
    assert harmonics(edge_of(x, np.sin(4 * x)), FUNCTIONS) == []


def test_without_an_exponential_in_the_library_there_is_no_envelope() -> None:
    x = rows(-1, 2)
    y = np.sin(4 * x) + np.cos(8 * x)
    edge = edge_of(x, y)
    few = tuple(function for function in FUNCTIONS if function.name != "exp")
    found = harmonics(edge, few)
    assert "exp" not in {
        step.function for one in found for term in one.terms for chain in term.chains for step in chain
    }
    assert is_exact(best(raw(found, edge, few)), x, y)
