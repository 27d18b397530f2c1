"""Intervals of predictions hold what they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import t

from kancli.dataset import from_memory
from kancli.door.fitting import fit
from kancli.errors import UsageError
from kancli.stages.judging.uncertainty import uncertainty
from kancli.stages.results.interval import band


def metadata(x: np.ndarray, y: np.ndarray, form: str, **options: object) -> dict[str, object]:
    found = fit({"x0": x, "y": y}, like=form, jobs=1, **options).checkpoint.metadata  # type: ignore[arg-type]
    return dict(found)


def test_the_interval_of_a_line_is_that_of_the_textbook() -> None:
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 4, 25)
    y = 1.5 * x - 2 + 0.3 * generator.normal(size=25)
    facts = metadata(x, y, "m*x0 + n")
    slope, offset = np.polyfit(x, y, 1)
    s = np.sqrt(np.sum((y - slope * x - offset) ** 2) / 23)
    new = np.array([-1.0, 2.0, 9.0])
    reach = t.ppf(0.95, 23) * s * np.sqrt(1 + 1 / 25 + (new - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2))
    low, high = band(facts, new[:, None], 0.9)
    np.testing.assert_allclose((high - low) / 2, reach, rtol=1e-5)
    np.testing.assert_allclose((high + low) / 2, slope * new + offset, rtol=1e-5)


def test_errors_of_the_logarithm_give_an_interval_in_proportion_to_the_value() -> None:
    generator = np.random.default_rng(1)
    x = np.geomspace(0.01, 1000, 80)
    facts = metadata(x, 8 * x**0.7 * np.exp(0.1 * generator.normal(size=80)), "A*x0**p", errors="log")
    low, high = band(facts, np.array([[0.05], [300.0]]), 0.95)
    np.testing.assert_allclose(np.log(high / low) / 2, t.ppf(0.975, 78) * 0.1, rtol=0.15)


def test_of_two_hundred_draws_the_promised_share_lies_within() -> None:
    form, inside, count = "a*exp(-k*x0)", 0, 0
    x = np.linspace(0, 3, 12)
    law = 3 * np.exp(-0.8 * x)
    dataset, _ = from_memory(x[:, None], law, validation=0.0, seed=0)
    generator = np.random.default_rng(3)
    for _ in range(200):
        y = law + 0.1 * generator.normal(size=12)
        a, k = curve_fit(lambda u, a, k: a * np.exp(-k * u), x, y, (3, 0.8))[0]
        scale = np.sqrt(np.sum((y - a * np.exp(-k * x)) ** 2) / 10)
        facts = {
            "inputs": ["x0"],
            "form": form,
            "parameters": [{"value": float(a), "exact": None}, {"value": float(k), "exact": None}],
            "errors": {"model": "additive", "scale": float(scale)},
        }
        known = uncertainty(facts, replace(dataset, y=y))
        low, high = band({**facts, "uncertainty": known}, x[:, None], 0.95)
        new = law + 0.1 * generator.normal(size=12)
        inside += int(((low <= new) & (new <= high)).sum())
        count += 12
    assert inside / count == pytest.approx(0.95, abs=0.015)


def test_a_version_without_errors_of_its_constants_says_so() -> None:
    with pytest.raises(UsageError, match="errors of its constants"):
        band({"inputs": ["x0"], "formula": "2*x0"}, np.ones((1, 1)), 0.95)
