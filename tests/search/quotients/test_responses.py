"""What of the target may be a quotient."""

from __future__ import annotations

import numpy as np

from kancli.recipe import FitOptions
from kancli.search.quotients.responses import responses
from kancli.symbolic.expression import Variable, evaluate


def test_each_can_be_undone() -> None:
    y = np.linspace(0.1, 0.9, 30)
    found = list(responses(y, FitOptions()))
    assert {"", "sqrt", "exp", "asin", "tanh"} <= {one.undo for one in found}
    for one in found:
        again = evaluate(one.back(Variable(0)), one.target[:, None])
        assert np.allclose(again, y, rtol=1e-8)


def test_off_a_branch_there_is_none() -> None:
    beyond = {one.undo for one in responses(np.linspace(-4, 4, 30), FitOptions())}
    assert "" in beyond
    assert not beyond & {"sqrt", "exp", "asin", "tanh"}


def test_functions_that_are_not_wanted_are_left_out() -> None:
    y = np.linspace(0.1, 0.9, 30)
    assert "exp" not in {one.undo for one in responses(y, FitOptions(exclude=("exp",)))}
