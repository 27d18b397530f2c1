"""Of constants that fit equally, those that a reader expects."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.forms.form import read_form
from kancli.symbolic.forms.multistart import fit_form


def test_of_two_equal_terms_the_first_one_is_the_slower_one() -> None:
    x = np.linspace(0, 3, 40)[:, None]
    y = 2 * np.exp(-4.3 * x[:, 0]) + 3 * np.exp(-0.7 * x[:, 0])
    for text, names in (("a*exp(-b*x) + c*exp(-d*x)", "abcd"), ("c*exp(-d*x) + a*exp(-b*x)", "cdab")):
        form = read_form(text, ["x"])
        found = dict(zip(form.names, fit_form(form, x, y, seed=0).theta, strict=True))
        np.testing.assert_allclose([found[name] for name in names], [3, 0.7, 2, 4.3], rtol=1e-6)


def test_a_period_is_not_that_of_an_alias() -> None:
    x = np.arange(1.0, 121.0)[:, None]
    y = 3 + 2 * np.sin(2 * np.pi * x[:, 0] / 17.3 + 0.4)
    form = read_form("m + A*sin(2*pi*x/T + p)", ["x"])
    for seed in range(3):
        found = dict(zip(form.names, fit_form(form, x, y, seed=seed).theta, strict=True))
        np.testing.assert_allclose(abs(found["T"]), 17.3, rtol=1e-6)


def test_a_phase_is_less_than_half_a_turn() -> None:
    x = np.linspace(0, 9, 60)[:, None]
    y = 2 * np.sin(3 * x[:, 0] + 0.2) + 0.05 * np.random.default_rng(0).normal(size=60)
    form = read_form("A*sin(w*x + p)", ["x"])
    for seed in range(3):
        assert abs(fit_form(form, x, y, seed=seed).theta[2]) < 0.4


def test_a_width_is_positive() -> None:
    x = np.linspace(-3, 3, 50)[:, None]
    y = 2 * np.exp(-((x[:, 0] - 0.5) ** 2) / 1.3**2)
    form = read_form("A*exp(-(x-m)**2/s**2)", ["x"])
    for seed in range(3):
        np.testing.assert_allclose(fit_form(form, x, y, seed=seed).theta, [2, 0.5, 1.3], rtol=1e-6)
