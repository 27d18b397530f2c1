"""Intervals of constants by profile likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import t

from kancli.door.fitting import fit
from kancli.stages.results.bootstrap import Bootstrap
from kancli.stages.results.interval import band


def fitted(x: np.ndarray, y: np.ndarray, form: str, **options: object) -> Any:
    return fit({"x": x, "y": y}, like=form, jobs=1, **options)  # type: ignore[arg-type]


def constant(found: Any, name: str) -> dict[str, Any]:
    return next(dict(entry) for entry in found.checkpoint.metadata["parameters"] if entry["name"] == name)


def test_in_a_line_it_is_that_of_the_textbook() -> None:
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 4, 25)
    entry = constant(fitted(x, 1.5 * x - 2 + 0.3 * generator.normal(size=25), "m*x + n"), "m")
    reach = t.ppf(0.975, 23) * entry["standard_error"]
    assert entry["interval"] == pytest.approx([entry["value"] - reach, entry["value"] + reach], rel=1e-3)


def test_where_a_constant_is_not_linear_it_is_that_of_the_profile() -> None:
    generator = np.random.default_rng(1)
    x = np.linspace(0.2, 4, 12)
    y = 3 * x / (1 + x) + 0.1 * generator.normal(size=12)
    entry = constant(fitted(x, y, "V*x/(K + x)"), "K")

    def squares(k: float) -> float:  # V is linear
        u = x / (k + x)
        return float(np.sum((y - u * (u @ y) / (u @ u)) ** 2))

    best = minimize_scalar(squares, bracket=(0.5, 1.0, 2.0), tol=1e-12)
    most = best.fun * (1 + t.ppf(0.975, 10) ** 2 / 10)
    ends = [brentq(lambda k: squares(k) - most, *bracket) for bracket in ((0.05, best.x), (best.x, 10))]
    assert entry["interval"] == pytest.approx(ends, rel=1e-2)
    low, high = entry["interval"]
    assert high - entry["value"] > 1.1 * (entry["value"] - low)  # the delta method's is symmetric


def test_an_end_that_there_is_not_is_none() -> None:
    x = np.linspace(0, 1, 8)
    y = x + 0.2 * np.random.default_rng(4).normal(size=8)
    low, high = constant(fitted(x, y, "V*x/(K + x)"), "K")["interval"]
    assert low > 0  # a pole is on the way to what is below
    assert high is None  # a line is the limit of large K and V


def test_mixed_errors_and_long_tails_have_intervals() -> None:
    generator = np.random.default_rng(3)
    x = np.linspace(0.1, 5, 60)
    law = 4 * np.exp(-0.6 * x)
    y = law + np.hypot(0.05, 0.1 * law) * generator.normal(size=60)
    for options in ({"errors": "mixed"}, {"loss": "t"}, {"errors": "relative", "loss": "t"}):
        found = fitted(x, y, "a*exp(-k*x)", **options)
        entry = constant(found, "k")
        low, high = entry["interval"]
        assert low < entry["value"] < high
        assert high - low == pytest.approx(4 * entry["standard_error"], rel=0.5)
        below, above = band(found.checkpoint.metadata, np.array([[0.5], [4.0]]), 0.95)
        assert (below < above).all()


def test_the_bootstrap_agrees_with_the_delta_method_where_the_formula_is_linear() -> None:
    generator = np.random.default_rng(4)
    x = np.linspace(0, 4, 80)
    found = fitted(x, 1.5 * x - 2 + 0.3 * generator.normal(size=80), "m*x + n", validation=0.0)
    facts, new = found.checkpoint.metadata, np.array([[1.0], [3.0], [12.0]])
    drawn = Bootstrap.of(facts, found.origin.dataset, 400, 0).band(new, 0.95)
    plain = band(facts, new, 0.95)
    assert drawn[1] - drawn[0] == pytest.approx(plain[1] - plain[0], rel=0.12)
    again = Bootstrap.of(facts, found.origin.dataset, 400, 0).band(new[:1], 0.95)
    assert again[0][0] == drawn[0][0]  # whatever the other rows are
