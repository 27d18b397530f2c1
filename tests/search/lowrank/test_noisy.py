"""Sums of products that leave noise, chosen by their descriptions."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.lowrank.atoms import Kind, allowed
from kancli.search.lowrank.model import Atom, Column, Fit, Model, fitted
from kancli.search.lowrank.noisy import exchangeable, form_of, length_on, pruned, shortest
from kancli.search.lowrank.read import laws
from kancli.symbolic.expression import constants, evaluate
from kancli.symbolic.text.parser import parse

ALL = allowed(FitOptions())
X = np.random.default_rng(0).uniform(0.1, 1.5, (400, 2))
NOISE = np.random.default_rng(1).normal(size=400)


@pytest.mark.parametrize(
    "text", ["0.8*cos(log(x + 1)) - 0.7*x*exp(-0.9*t)", "0.6*x*sin(2.1*t) + 0.9*x**2", "1.3*t**2 - 0.4*x*t"]
)
def test_the_law_below_noise_is_proposed_first(text: str) -> None:
    right = evaluate(parse(text, ("x", "t")), X)
    y = right + 0.01 * right.std() * NOISE
    found = next(laws(X, y, FitOptions()))
    assert np.sqrt(np.mean((evaluate(found, X) - right) ** 2)) < 0.003 * right.std()
    assert len(constants(found)) <= 4


def test_pruning_leaves_what_the_description_needs() -> None:
    y = 2 * X[:, 0] + 0.01 * NOISE
    several = tuple(Column((p, q)) for p in range(3) for q in range(3))
    left = pruned(fitted(Model((), several), X, y), X, y, length_on(X, ALL))
    assert left.model.columns == (Column((1, 0)),)


def test_of_two_with_one_form_the_better_is_kept() -> None:
    atom = Atom(Kind("power", ""), 0, (0.5,))
    model = Model((atom,), (Column((0, 1), (0,)),))
    other = model.with_theta(np.array([0.7]))
    fits = [Fit(model, np.ones(1), 0.2), Fit(other, np.ones(1), 0.1)]
    assert shortest(fits, length_on(X, ALL)) == [fits[1]]
    assert form_of(model) == form_of(other) != form_of(Model((atom,), (Column((1, 0), (0,)),)))


def test_all_powers_of_an_input_may_be_exchanged_at_once() -> None:
    atom = Atom(Kind("power", ""), 1, (0.5,))
    columns = (Column((0, 0)), Column((1, 0)), Column((2, 0)), Column((1, 1)), Column((1, 0), (0,)))
    assert exchangeable(Model((atom,), columns)) == [(0,), (0, 1, 2), (1, 2), (4,)]
