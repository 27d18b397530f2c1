"""The additive model that a table asks for."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.additive.fit import Additive, additive_models, fitted
from kancli.symbolic.text.printer import render

X = np.random.default_rng(0).uniform(1, 3, (600, 3))
NOISE = np.random.default_rng(1).normal(size=600)


def described(model: Additive) -> tuple[str, set[str]]:
    return model.response.name, {render(a.expression, ("a", "b", "c")) for a in model.arguments}


@pytest.mark.parametrize(
    ("law", "response", "arguments"),
    [
        (lambda a, b, c: np.sin(2 * a) + np.exp(b) / 9 + c**2, "y", {"a", "b", "c"}),
        (lambda a, b, c: np.exp(np.sin(2 * a) + np.cos(b * c)), "log(y)", {"a", "b*c"}),
        (lambda a, b, c: 1 / (np.exp(-a) + np.sqrt(b + c)), "1/y", {"a", "b + c"}),
        (lambda a, b, c: np.sqrt(np.sin(a) + 1 + np.exp(b)), "y**2", {"a", "b"}),
        (lambda a, b, c: np.sin(a - b) + np.sin(3 * c), "y", {"a - b", "c"}),
        (lambda a, b, c: a * b**2 + np.tanh(c), "y", {"a*b**2", "c"}),
    ],
)
def test_a_sum_of_functions_is_found(law, response: str, arguments: set[str]) -> None:  # type: ignore[no-untyped-def]
    assert (response, arguments) in [described(m) for m in additive_models(X, law(*X.T), FitOptions())]


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b, c: np.sin(a * b * c),
        lambda a, b, c: np.sin(a) * np.exp(b * c / 3) + np.sqrt(a * c) * b,
        lambda a, b, c: np.abs(a - 2) * b + np.abs(b * c - 4),
        lambda a, b, c: np.tan(c / 2) * np.cos(3 * a * b),
    ],
)
def test_what_is_no_such_sum_is_not_held(law) -> None:  # type: ignore[no-untyped-def]
    assert additive_models(X, law(*X.T), FitOptions()) == []


def test_in_noise_the_model_holds_that_leaves_noise() -> None:
    truth = np.sin(2 * X[:, 0]) + np.exp(X[:, 1]) / 5
    models = additive_models(X, truth + 0.05 * truth.std() * NOISE, FitOptions())
    assert any(m.noise and described(m) == ("y", {"a", "b"}) for m in models)


def test_noise_alone_is_no_model() -> None:
    assert additive_models(X, NOISE, FitOptions()) == []


def test_the_error_of_a_smooth_sum_falls_with_the_fourth_power_of_the_grid() -> None:
    target = np.sin(3 * X[:, 0]) + np.exp(X[:, 1])
    coarse, fine = (fitted(X[:, :2], target, grid)[1] for grid in (10, 20))
    assert coarse / fine == pytest.approx(16, rel=0.4)


def test_too_few_rows_determine_nothing() -> None:
    assert additive_models(X[:20], X[:20].sum(axis=1), FitOptions()) == []
