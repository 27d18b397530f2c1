"""Plain forms: fitted at once, few constants for few rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search import Ledger, find_formula
from kancli.search.plain.fit import fitted_forms
from kancli.search.plain.proposer import PlainForms
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Call, constants, evaluate, walk

RNG = np.random.default_rng(0)


def table(x: np.ndarray, y: np.ndarray, validation: float = 0.0) -> Dataset:
    names = tuple("abcdefgh"[: x.shape[1]])
    return from_memory(x, y, inputs=names, validation=validation)[0]


LAWS = {
    "decay": lambda x: 30 * np.exp(-0.4 * x),
    "decay and floor": lambda x: 30 * np.exp(-0.4 * x) + 5,
    "power": lambda x: 3 * x**1.7,
    "saturation": lambda x: 20 * x / (x + 3),
    "logistic": lambda x: 10 / (1 + np.exp(-(x - 5))),
    "bell": lambda x: 4 * np.exp(-(((x - 4) / 2) ** 2)),
    "wave": lambda x: 3 * np.sin(2.5 * x + 1) + 7,
    "approach": lambda x: 8 * (1 - np.exp(-0.7 * x)),
    "two decays": lambda x: 3 * np.exp(-0.3 * x) + 2 * np.exp(-2.5 * x),
    "Arrhenius": lambda x: 3 * np.exp(-4 / x),
    "Antoine": lambda x: np.exp(2 - 8 / (x + 3)),
    "damped wave": lambda x: 3 * np.exp(-0.3 * x) * np.sin(4 * x + 0.4),
    "dose and response": lambda x: 3 * x**2.5 / (2**2.5 + x**2.5),
    "tanh": lambda x: 3 * np.tanh(0.4 * x - 2),
    "polynomial": lambda x: 0.5 * x**4 - 3 * x**2 + 1,
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_laws_of_one_input_are_fitted_to_rounding(law: object) -> None:
    x = np.sort(RNG.uniform(0.2, 10, 30))
    data = table(x[:, None], law(x))  # type: ignore[operator]
    best = fitted_forms(data, lambda _: True)[0]
    assert np.allclose(evaluate(best.expression, data.x), data.y, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("unit", [1e5])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_they_are_fitted_in_any_unit_of_the_input(law: object, unit: float) -> None:
    x = np.sort(RNG.uniform(0.2, 10, 60))
    data = table(x[:, None] * unit, law(x))  # type: ignore[operator]
    best = fitted_forms(data, lambda _: True)[0]
    assert np.allclose(evaluate(best.expression, data.x), data.y, rtol=1e-6, atol=1e-6)


def test_a_polynomial_has_the_edges_of_its_network() -> None:
    x = RNG.uniform(-2, 2, (100, 2))
    data = table(x, 3 * x[:, 0] ** 2 * x[:, 1] - 2 * x[:, 1])
    ledger = Ledger()
    list(PlainForms().propose(task_on(data, FitOptions()), ledger))
    (candidate,) = ledger.heard
    assert {(e["layer"], e["function"]) for e in candidate.edges} == {(0, "x^2"), (0, "x"), (1, "x")}
    assert min(e["r2"] for e in candidate.edges) > 1 - 1e-9


def test_a_product_of_powers_over_decades_is_fitted_in_logarithms() -> None:
    x = 10 ** RNG.uniform(-3, 6, (40, 3))
    data = table(x, 6.7e-11 * x[:, 0] * x[:, 1] / x[:, 2] ** 2)
    best = fitted_forms(data, lambda _: True)[0]
    assert np.allclose(evaluate(best.expression, data.x), data.y, rtol=1e-6)


def test_inputs_without_influence_are_left_out() -> None:
    x = RNG.normal(size=(80, 4))
    data = table(x, 2 * x[:, 1] - 3 + 0.1 * RNG.normal(size=80))
    assert len(constants(fitted_forms(data, lambda _: True)[0].expression)) == 2


def test_no_form_has_more_constants_than_the_rows_carry() -> None:
    x = np.array([1.0, 2, 4, 7])[:, None]
    for form in fitted_forms(table(x, np.array([1.0, 5, 2, 8])), lambda _: True):
        assert len(constants(form.expression)) <= 2


def test_functions_that_are_excluded_are_not_used() -> None:
    x = np.sort(RNG.uniform(0.2, 10, 30))
    forms = fitted_forms(table(x[:, None], LAWS["decay"](x)), lambda name: name != "exp")
    calls = [node.function for form in forms for node in walk(form.expression) if isinstance(node, Call)]
    assert "log" in calls
    assert "exp" not in calls


def test_the_search_hears_of_one_candidate_with_the_others_beside_it() -> None:
    x = np.sort(RNG.uniform(0.2, 10, 40))
    data = table(x[:, None], LAWS["decay"](x) + 0.1 * RNG.normal(size=40))
    ledger = Ledger()
    ((candidate,),) = PlainForms().propose(task_on(data, FitOptions()), ledger)
    assert ledger.heard == [candidate]
    assert "exp" in candidate.formula.text
    assert len(candidate.others) > 5


def test_a_decay_is_not_fitted_by_a_small_piece_of_a_wave_nor_by_an_alias() -> None:
    x = np.arange(10.0)
    data = table(x[:, None], 30 * np.exp(-0.1 * x) + 0.1 * RNG.normal(size=10))
    for form in fitted_forms(data, lambda _: True):
        waves = [n for n in walk(form.expression) if isinstance(n, Call) and n.function == "sin"]
        angles = [np.ptp(evaluate(wave.argument, data.x)) for wave in waves]
        assert all(math.pi / 2 <= angle <= 10 * math.pi for angle in angles)


def test_a_product_of_powers_has_the_sign_of_its_inputs() -> None:
    x = 10 ** RNG.uniform(-1, 1, (60, 2)) * np.array([RNG.choice([-1, 1], 60), np.ones(60)]).T
    data = table(x, 9e9 * x[:, 0] / x[:, 1] ** 2)
    assert any(
        np.allclose(evaluate(form.expression, data.x), data.y, rtol=1e-6)
        for form in fitted_forms(data, lambda _: True)
    )


def test_there_is_a_formula_when_the_time_is_over_before_anything_was_trained() -> None:
    x = np.sort(RNG.uniform(0.2, 10, 40))
    data = table(x[:, None], LAWS["decay"](x) + 0.1 * RNG.normal(size=40))
    ledger = find_formula(task_on(data, FitOptions(), seconds=1e-6))
    assert "exp" in str(ledger.road[-1][0].metadata["formula"])


def test_a_drift_over_time_stamps_is_a_line() -> None:
    t = 1.66e9 + np.linspace(0, 1.4e5, 40)
    data = table(t[:, None], 20 + 1.2e-5 * (t - t[0]) + 0.02 * np.random.default_rng(4).normal(size=40))
    assert fitted_forms(data, lambda _: True)[0].name == "line"


def test_two_exponentials_of_one_rate_are_one() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3):  # of these tables the third one has such a fit
        rate, x = rng.uniform(0.3, 2), rng.uniform(0, 4, 40)
        y = 2.5 * np.exp(-rate * x) + 0.01 * rng.normal(size=40)
    table = from_memory({"x": x, "y": y})[0]
    shortest = fitted_forms(table, lambda name: True)[0]
    assert len(constants(shortest.expression)) == 2
    errors = refit(shortest.expression, table.x, table.y).standard_errors
    assert all(errors < 0.1)
