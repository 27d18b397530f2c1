"""Residuals: noise, or something that the inputs explain."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kancli.symbolic.noise import CHANCE, chance, chance_of, f_tail, is_noise


@pytest.mark.parametrize("inputs", [1, 2, 5, 9])
def test_noise_is_called_noise_as_often_as_the_level_promises(inputs: int) -> None:
    rng = np.random.default_rng(inputs)
    values = [chance(rng.uniform(1, 5, (300, inputs)), rng.normal(size=300)) for _ in range(60)]
    assert sum(v < CHANCE for v in values) <= 1
    assert sum(v < 0.2 for v in values) <= 24


@pytest.mark.parametrize("inputs", [2, 4, 6])
def test_a_missing_product_a_third_as_large_as_the_noise_is_seen(inputs: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 5, (1000, inputs))
    missing = x.prod(axis=1)
    missing = (missing - missing.mean()) / missing.std()
    assert not is_noise(x, rng.normal(size=1000) + 0.35 * missing)


def test_a_small_wave_is_seen_whatever_the_scale_of_input_and_residual() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1e-12, (500, 1))
    residual = 1e20 * (np.sin(1e13 * x[:, 0]) + rng.normal(size=500))
    assert not is_noise(x, residual)


def test_what_other_inputs_explain_is_no_sign_of_one() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 5, (600, 4))
    noise = rng.normal(size=600)
    alone = noise + 2 * np.sin(x[:, 0]) * x[:, 1]
    assert chance(x, alone) < CHANCE
    assert chance_of(x, alone, {2, 3}) > 0.01
    # Neither 2 nor 0 alone says anything: their product does.
    together = alone + 0.5 * (x[:, 0] - 3) * (x[:, 2] - 3)
    assert chance_of(x, together, {2}) < CHANCE
    assert chance_of(x, together, {3}) > 0.01


def test_too_few_rows_say_nothing() -> None:
    x = np.arange(8.0).reshape(4, 2)
    assert chance(x, np.array([1.0, -1.0, 2.0, -2.0])) == 1.0
    assert chance(x, np.zeros(4)) == 1.0


@pytest.mark.parametrize(
    ("f", "above", "below"), [(1.3, 40, 900), (2.0, 12, 200), (0.8, 100, 400), (3.1, 5, 60)]
)
def test_the_tail_of_the_f_distribution(f: float, above: int, below: int) -> None:
    assert f_tail(f, above, below) == pytest.approx(stats.f.sf(f, above, below), rel=0.05, abs=2e-5)
