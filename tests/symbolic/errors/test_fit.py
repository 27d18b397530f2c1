"""Constants under other errors than additive ones."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.description import error_bits
from kancli.symbolic.errors.fit import ErrorFit, fit_errors, suspicious
from kancli.symbolic.errors.loss import LOSSES, SQUARES
from kancli.symbolic.errors.model import ADDITIVE, MODELS, Model
from kancli.symbolic.expression import constants
from kancli.symbolic.text.parser import parse

RNG = np.random.default_rng(0)
X = np.sort(RNG.uniform(0.1, 10, 80))
LOG = MODELS["log"][0]


def fitted(text: str, y: np.ndarray, model: Model = ADDITIVE, loss: str = "squares") -> ErrorFit:
    fit = fit_errors(parse(text, ("x",)), X[:, None], y, None, model, LOSSES[loss])
    assert fit is not None
    return fit


def values(fit: ErrorFit) -> list[float]:
    return sorted((c.value for c in constants(fit.expression)), key=abs)


def test_additive_errors_cost_what_they_cost_elsewhere() -> None:
    y = 2 * X + RNG.normal(size=len(X))
    fit = fitted("2.5*x", y)
    mse = np.mean(fit.errors.white**2)
    assert fit.errors.bits == pytest.approx(error_bits(mse / y.var(), len(y), 1), abs=1e-6)


def test_errors_of_the_logarithm_are_a_straight_line_of_logarithms() -> None:
    y = 9 * X**0.75 * np.exp(0.5 * RNG.normal(size=len(X)))
    slope, front = np.polyfit(np.log(X), np.log(y), 1)
    assert values(fitted("1.5*x**1.5", y, LOG)) == pytest.approx([slope, np.exp(front)], rel=1e-6)


def test_a_start_far_off_over_decades_does_not_collapse_to_0() -> None:
    x = np.geomspace(1e-3, 1e3, len(X))[:, None]
    y = 1e-11 * x[:, 0] ** 3
    fit = fit_errors(parse("1.5*x**2.5", ("x",)), x, y, None, LOG, SQUARES)
    assert fit is not None
    assert values(fit) == pytest.approx([1e-11, 3.0], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "noise"),
    [
        ("additive", lambda f: 3 * np.ones_like(f)),
        ("log", lambda f: 0.1 * f),
        ("counts", lambda f: np.sqrt(f)),
    ],
)
def test_the_model_by_which_rows_err_describes_them_most_briefly(name: str, noise: object) -> None:
    x = np.random.default_rng(1).uniform(0.1, 10, 300)
    f = 5 + 90 * x
    y = np.abs(f + noise(f) * np.random.default_rng(2).normal(size=300))  # type: ignore[operator]
    lengths = {}
    for model in (ADDITIVE, LOG, MODELS["counts"][0]):
        fit = fit_errors(parse("4.5 + 80.5*x", ("x",)), x[:, None], y, None, model, SQUARES)
        assert fit is not None
        lengths[model.name] = fit.errors.bits
    assert min(lengths, key=lambda key: lengths[key]) == name


@pytest.mark.parametrize(
    "model", [ADDITIVE, LOG, MODELS["relative"][0], MODELS["counts"][0], MODELS["mixed"][1]]
)
@pytest.mark.parametrize("loss", ["squares", "t"])
def test_the_unit_of_the_target_does_not_matter(model: Model, loss: str) -> None:
    y = (3 + 2 * X) * np.exp(0.1 * RNG.normal(size=len(X)))
    small, large = fitted("3.5 + 2.5*x", y, model, loss), fitted("3500.5 + 2500.5*x", 1000 * y, model, loss)
    assert small.errors.bits == pytest.approx(large.errors.bits, abs=0.05)


@pytest.mark.parametrize("loss", ["t", "huber", "l1"])
def test_outliers_do_not_move_the_constants(loss: str) -> None:
    y = 3 + 2 * X + 0.05 * RNG.normal(size=len(X))
    y[[5, 40, 70]] += 30
    assert values(fitted("1.5 + 1.5*x", y, loss=loss)) == pytest.approx([2, 3], rel=0.02)
    assert values(fitted("1.5 + 1.5*x", y)) != pytest.approx([2, 3], rel=0.02)


def test_outliers_are_named_and_make_long_tails_the_shorter_description() -> None:
    y = 3 + 2 * X + 0.05 * RNG.normal(size=len(X))
    assert fitted("1.5 + 1.5*x", y).errors.bits < fitted("1.5 + 1.5*x", y, loss="t").errors.bits
    y[[5, 40]] += [30, -10]
    tailed = fitted("1.5 + 1.5*x", y, loss="t").errors
    assert tailed.outliers == (5, 40)
    assert tailed.bits < fitted("1.5 + 1.5*x", y).errors.bits


def test_many_rows_far_off_are_no_outliers() -> None:
    white = np.ones(50)
    white[:20] = 100
    assert suspicious(white) == ()


def test_a_formula_below_0_has_no_errors_of_its_logarithm() -> None:
    assert fit_errors(parse("x - 5.5", ("x",)), X[:, None], X, None, LOG, SQUARES) is None


def test_errors_of_the_logarithm_know_the_sign_of_an_input() -> None:
    x = np.concatenate([-np.geomspace(0.01, 10, 40), np.geomspace(0.01, 10, 40)])
    y = 9e9 * x**3 * np.exp(0.1 * RNG.normal(size=80))
    fit = fit_errors(parse("5.5*x**3", ("x",)), x[:, None], y, None, LOG, SQUARES)
    assert fit is not None
    assert values(fit) == pytest.approx([np.exp(np.mean(np.log(y / x**3)))], rel=1e-6)
    assert fit_errors(parse("5.5*x**2", ("x",)), x[:, None], y, None, LOG, SQUARES) is None
