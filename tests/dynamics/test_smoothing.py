"""Smooth curves through points."""

from __future__ import annotations

import numpy as np

from kancli.dynamics.smoothing import noise_of, smoother


def test_a_curve_through_noise_knows_the_size_of_the_noise() -> None:
    t = np.linspace(0, 10, 300)
    y = np.sin(t) + 0.05 * np.random.default_rng(0).normal(size=300)
    curve = smoother(t)(y)
    assert 0.04 < curve.sigma < 0.06
    assert np.abs(curve.slope(t[20:-20]) - np.cos(t[20:-20])).max() < 0.2


def test_points_without_noise_are_interpolated() -> None:
    t = np.sort(np.random.default_rng(0).uniform(0, 10, 300))
    curve = smoother(t)(np.sin(t))
    assert curve.sigma == 0.0
    assert np.abs(curve.slope(t[10:-10]) - np.cos(t[10:-10])).max() < 1e-5


def test_a_polynomial_has_no_noise() -> None:
    t = np.linspace(0, 1, 50)
    assert noise_of(t, t**3 - t) < 1e-12
