"""Functions of the target."""

from __future__ import annotations

import numpy as np

from kancli.recipe import FitOptions
from kancli.search.responses import responses
from kancli.symbolic.expression import Variable, evaluate

Y = np.linspace(0.1, 0.9, 30)


def test_each_can_be_undone() -> None:
    found = responses(Y, FitOptions())
    assert {"y", "y**2", "1/y", "sqrt(y)", "log(y)", "sin(y)", "atanh(y)"} <= set(found)
    for one in found.values():
        again = evaluate(one.back(Variable(0)), one.value(Y)[:, None])
        assert np.allclose(again, Y, rtol=1e-8)


def test_each_has_its_slope() -> None:
    for one in responses(Y, FitOptions()).values():
        slope = (one.value(Y + 1e-6) - one.value(Y - 1e-6)) / 2e-6
        assert np.allclose(one.slope(Y), slope, rtol=1e-5)


def test_off_a_branch_there_is_none() -> None:
    beyond = set(responses(np.linspace(-4, 4, 30), FitOptions()))
    assert "y" in beyond
    assert not beyond & {"y**2", "1/y", "sqrt(y)", "log(y)", "sin(y)", "atanh(y)"}


def test_functions_that_are_not_wanted_are_left_out() -> None:
    assert "log(y)" not in responses(Y, FitOptions(exclude=("exp",)))
