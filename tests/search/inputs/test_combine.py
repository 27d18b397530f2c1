"""Combined inputs: proposed by slopes or by neighbours, and kept only where a fit or the rows agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from searching import task_on

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.inputs.combine import (
    NOISY,
    alone,
    best_on,
    fewer_inputs,
    functions_of,
    knows_noise,
    missed,
    one_left,
    proposals,
    single_number,
    slopes_of,
)
from kancli.search.inputs.rewritten import as_it_is
from kancli.search.networks.train import train_shape
from kancli.search.trained import Shape, Trained
from kancli.symbolic.library.functions import library

X = np.random.default_rng(0).uniform(1, 3, (140, 3))
OPTIONS = FitOptions(restarts=1, lib=("x", "sin", "exp"))
FEW = library(OPTIONS.lib)


def table(law, columns: int = 3) -> Dataset:  # type: ignore[no-untyped-def]
    return from_memory(X[:, :columns], law(*X.T[:columns]), inputs=tuple("abc"[:columns]))[0]


def known(error: float, noise: bool = False) -> Trained:
    """A network of which nothing but its error is looked at."""
    return Trained(Shape("2,1"), Checkpoint("train", {}, {}), error, noise, None)


def network(data: Dataset, width: str) -> Trained:
    return train_shape(Shape(width), data, OPTIONS, 0)


def test_a_network_misses_the_square_of_its_error_and_all_of_the_target_at_most() -> None:
    now = as_it_is(table(lambda a, b, c: a + b * c))
    assert missed(now, known(0.2)) == pytest.approx(0.04)
    assert missed(now, known(7.0)) == 1.0
    # Errors are in units of the table's deviation, a derived target has its own.
    half = replace(now, unit=0.5)
    assert missed(half, known(0.2)) == pytest.approx(0.16)


def test_noise_is_known_only_by_a_network_that_explains_something() -> None:
    assert knows_noise(known(0.2, noise=True))
    assert not knows_noise(known(0.99, noise=True))
    assert not knows_noise(known(0.2, noise=False))


def test_the_functions_are_those_that_were_asked_for() -> None:
    data = table(lambda a, b, c: a + b * c)
    task = task_on(data, FitOptions(lib=("sin",), exclude=(), functions={"own": "u**3 + u"}))
    assert {f.name for f in functions_of(task)} == {"x", "sin", "own"}


def test_a_single_number_that_determines_the_target_replaces_all_inputs() -> None:
    law = table(lambda a, b: np.sin(8 * a / b), 2)
    found = single_number(task_on(law, OPTIONS), [known(0.9), known(0.8)])
    assert found is not None
    (name,) = found.dataset.inputs
    assert name in ("a/b", "b/a")
    ratio = X[:, 0] / X[:, 1]
    assert np.allclose(found.dataset.x[:, 0], ratio if name == "a/b" else 1 / ratio)
    assert (
        single_number(task_on(table(lambda a, b: np.sin(a) + np.tanh(b), 2), OPTIONS), [known(0.9)]) is None
    )


def test_a_number_must_explain_more_than_networks_that_do_not_reach_noise() -> None:
    rng = np.random.default_rng(1)
    law = table(lambda a, b: a / b + 0.05 * rng.normal(size=len(a)), 2)
    level = 0.05 / float(law.y.std())
    now, functions = as_it_is(law), FEW
    assert alone(now, known(level * 1.05, noise=True), functions) is not None
    assert alone(now, known(level * 1.05), functions) is None
    assert alone(now, known(level * 4), functions) is not None
    assert NOISY > 1


def test_slopes_of_a_network_are_in_raw_units() -> None:
    data = from_memory(X[:, :2] * [10, 0.1], 3e4 * X[:, 0] ** 2 + X[:, 1] * 2e4, inputs=("a", "b"))[0]
    slopes, x, y = slopes_of(as_it_is(data), network(data, "2,1"))
    assert np.allclose(x.T, data.x)
    assert np.allclose(y, data.y, rtol=1e-3)
    inner = (abs(X - 2) < 0.8)[:, :2].all(axis=1)
    assert np.allclose(slopes[0][inner], 6e4 * X[inner, 0] / 10, rtol=0.05)
    assert np.allclose(slopes[1][inner], 2e5, rtol=0.05)


def test_slopes_propose_the_sum_in_which_two_inputs_enter_and_a_network_confirms_it() -> None:
    data = table(lambda a, b, c: np.sin((a + b) / 2) + c**2)
    best = network(data, "3,2,1")
    proposed = [one.dataset.inputs for one in proposals(as_it_is(data), best)]
    assert ("a + b", "c") in proposed
    found = fewer_inputs(task_on(data, OPTIONS), [best], 1.0)
    assert found is not None
    assert found.dataset.inputs == ("a + b", "c")
    assert np.allclose(found.dataset.x[:, 0], X[:, 0] + X[:, 1])


def test_a_factor_and_a_number_are_seen_in_the_slopes_and_checked_in_the_rows() -> None:
    data = table(lambda a, b, c: a**2 * np.exp(-b / c))
    best = network(data, "3,2,1,1")
    found = one_left(as_it_is(data), best, FEW)
    assert found is not None
    assert found.dataset.inputs in (("b/c",), ("c/b",))
    assert np.allclose(
        found.dataset.y / (data.y / X[:, 0] ** 2), found.dataset.y[0] / data.y[0] * X[0, 0] ** 2
    )
    # The same slopes on a table whose rows say otherwise.
    other = replace(data, y=data.y * (1 + 0.5 * np.sin(5 * X[:, 1])))
    assert one_left(as_it_is(other), best, FEW) is None


def test_inputs_that_do_not_combine_stay_as_they_are() -> None:
    data = table(lambda a, b, c: np.sin(a) + np.exp(b / 3) + c**3 / (1 + a * b), 3)
    assert fewer_inputs(task_on(data, OPTIONS), [network(data, "3,2,1,1")], 1.0) is None


def test_an_error_on_a_derived_table_is_given_in_units_of_the_table_itself() -> None:
    data = table(lambda a, b: a**2 * np.exp(b), 2)
    divided = as_it_is(data).divided({0: 2.0})
    assert divided is not None
    task = task_on(data, OPTIONS)
    found = best_on(task, divided, known(1.0), 1.0)
    raw = best_on(task, replace(divided, unit=1.0), known(1.0), 1.0)
    assert found is not None
    assert raw is not None
    assert found.error == pytest.approx(raw.error * divided.unit)
    assert divided.unit != pytest.approx(1.0, abs=0.01)
