"""Formulas under other models of the errors, finished."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.stages.judging.errors import models_of, under_models
from kancli.stages.reading.formulas import columns_of, facts_of_errors
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.text.parser import parse

RNG = np.random.default_rng(3)


def formula(text: str, data: Dataset) -> Formula:
    return write(parse(text, ("x",)), data.x, data.y, **columns_of(data))


def test_exact_constants_are_found_under_the_model_of_the_errors() -> None:
    x = np.geomspace(1e-2, 1e3, 60)
    y = 9 * x**0.75 * np.exp(0.02 * RNG.normal(size=60))
    data, _ = from_memory(x[:, None], y, inputs=("x",))
    ((_, found),) = under_models([formula("1.5*x**1.1", data)], data, FitOptions())
    assert "x**(3/4)" in found.text
    assert found.errors is not None
    assert found.errors.model == "log"
    assert found.errors.scale == pytest.approx(0.02, rel=0.3)


def test_a_line_with_an_outlier_names_its_row() -> None:
    x = np.linspace(0, 10, 60)
    y = 2.5 * x + 1 + 0.1 * RNG.normal(size=60)
    y[17] += 7
    data, _ = from_memory(x[:, None], y, inputs=("x",))
    ((_, found),) = under_models([formula("2.4*x + 1.3", data)], data, FitOptions())
    facts = facts_of_errors(found, data)
    assert [(o["row"], o["line"]) for o in facts["outliers"]] == [(18, 19)]
    assert facts["errors"]["scale"] == pytest.approx(0.1, rel=0.3)


def test_additive_errors_need_no_other_model() -> None:
    x = np.linspace(1, 10, 100)
    data, _ = from_memory(x[:, None], 3 * x + RNG.normal(size=100), inputs=("x",))
    assert under_models([formula("2.9*x", data)], data, FitOptions()) == []


def test_given_errors_win_unless_a_model_is_asked_for() -> None:
    x = np.geomspace(1, 100, 50)
    data, _ = from_memory(x[:, None], x, inputs=("x",), sigma=np.linspace(1, 2, 50))
    assert [m.name for m in models_of(data, FitOptions())] == ["additive"]
    assert [m.name for m in models_of(data, FitOptions(errors="log"))] == ["log"]


@pytest.mark.parametrize(("errors", "loss"), [("relative", "auto"), ("auto", "huber"), ("counts", "l1")])
def test_what_is_asked_for_is_what_is_used(errors: str, loss: str) -> None:
    x = np.linspace(1, 10, 50)
    data, _ = from_memory(x[:, None], np.round(30 * x + RNG.normal(size=50)), inputs=("x",))
    options = FitOptions(errors=errors, loss=loss)
    ((_, found),) = under_models([formula("29.5*x", data)], data, options)
    assert found.errors is not None
    assert found.errors.model in (errors, "additive", "log", "counts")
    if errors != "auto":
        assert found.errors.model == errors
    if loss != "auto":
        assert found.errors.loss == loss
