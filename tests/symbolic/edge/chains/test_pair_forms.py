"""Forms of two chains: their linear approximations are the derivatives of their residuals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kancli.symbolic.edge.chains.pair_forms import (
    BILINEAR,
    PRODUCT,
    PRODUCT_AND_LINE,
    SUM,
    Form,
    model_of,
    polynomial_times,
    sum_beside,
    times_power,
)
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, problems
from kancli.symbolic.edge.chains.solver import solve
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
FUNCTIONS = library()
POSITION = {function.name: k for k, function in enumerate(FUNCTIONS)}
FORMS = [
    PRODUCT,
    SUM,
    BILINEAR,
    PRODUCT_AND_LINE,
    times_power(2.0),
    sum_beside(2),
    polynomial_times(3),
    polynomial_times(2, 2),
]
T = np.linspace(-1, 1, 60)


def curve_of(y: Array) -> Curve:
    w = np.full(len(T), 1 / len(T))
    y = y - w @ y
    return Curve(T, y / np.sqrt(w @ y**2), w, 0.25)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_linear_approximation_predicts_small_steps(form: Form) -> None:
    curve = curve_of(T**2 + np.sin(5 * T) * np.exp(T))
    # sin(3.1·s + 0.2) in x, and exp(0.7·(s + 0.3)²).
    theta = np.array([[1, 0, 1, 3.1, 0.2, 1, 1, 0.3, 1, 0.7, 0.0, 1]])[:, : 2 * PER_STEP * form.chains]
    free = np.array([[0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]], dtype=bool)[:, : 2 * PER_STEP * form.chains]
    chain = [[POSITION["x"], POSITION["sin"], POSITION["x^2"], POSITION["exp"]][: 2 * form.chains]]
    batch = problems(FUNCTIONS, chain, theta, free, curve.origin)
    model = model_of(form)
    _, gram, gradient, anchors = model.linearise(batch, theta, curve)
    # Along every coordinate the residual falls by twice the gradient, and no other way.
    for column in np.flatnonzero(free[0]):
        h = 1e-6
        step = np.zeros_like(theta)
        step[0, column] = h
        ahead = model.linearise(batch, model.retract(batch, theta, step, anchors, curve), curve)[0]
        behind = model.linearise(batch, model.retract(batch, theta, -step, anchors, curve), curve)[0]
        slope = (ahead[0] - behind[0]) / (2 * h)
        assert slope == pytest.approx(-2 * gradient[0, column], rel=1e-4, abs=1e-8)
    assert np.linalg.eigvalsh(gram[0]).min() > -1e-9


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_near_the_truth_ends_at_it(form: Form) -> None:
    s = T - 0.25
    parts = [np.sin(3.1 * s)[None, :], np.exp(0.7 * s * s)[None, :]][: form.chains]
    columns = form.columns(parts, s)[0]
    curve = curve_of(np.linspace(1.0, 2.0, len(columns)) @ columns)
    theta = np.array([[1, 0, 1, 3.0, 0.0, 1, 1, 0.0, 1, 0.8, 0.0, 1]])[:, : 2 * PER_STEP * form.chains]
    free = np.array([[0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]], dtype=bool)[:, : 2 * PER_STEP * form.chains]
    chain = [[POSITION["x"], POSITION["sin"], POSITION["x^2"], POSITION["exp"]][: 2 * form.chains]]
    batch = problems(FUNCTIONS, chain, theta, free, curve.origin)
    assert solve(batch, curve, steps=30, model=model_of(form)).residual[0] < 1e-24
