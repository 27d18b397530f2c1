"""Hyperbolic functions of logarithms are written as the quotients that they are."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.expression import Call, evaluate
from kancli.symbolic.expression.tree import walk
from kancli.symbolic.formula import finish
from kancli.symbolic.rewrite.hyperbolic import without_hyperbolics
from kancli.symbolic.text.parser import parse

X = np.random.default_rng(0).uniform(-0.8, 0.8, (300, 2))


@pytest.mark.parametrize(
    "text",
    [
        "tanh(log((1 + a)/(1 - a))/2 + log((1 + b)/(1 - b))/2)",
        "3*sinh(log(2 + a) - 2*log(3 + b)) + a",
        "cosh((log(2 + a) + log(2 + b))/2)",
    ],
)
def test_the_values_stay_and_the_hyperbolics_go(text: str) -> None:
    before = parse(text, ("a", "b"))
    after = without_hyperbolics(before)
    np.testing.assert_allclose(evaluate(after, X), evaluate(before, X), rtol=1e-12)
    assert not [n for n in walk(after) if isinstance(n, Call)]


@pytest.mark.parametrize("text", ["tanh(a)", "tanh(a*log(2 + b))", "sinh(log(2 + a) + b)", "cosh(exp(a))"])
def test_other_arguments_stay_as_they_are(text: str) -> None:
    expression = parse(text, ("a", "b"))
    assert without_hyperbolics(expression) == expression


def test_velocities_add_as_a_person_writes_it() -> None:
    law = parse("-tanh(log(1/(a + 1) - 1/2)/2 + log(1/(b + 1) - 1/2)/2 + log(2))", ("a", "b"))
    y = (X[:, 0] + X[:, 1]) / (1 + X[:, 0] * X[:, 1])
    assert finish(law, X, y, inputs=("a", "b"), target="y").text == "(a + b)/(a*b + 1)"
