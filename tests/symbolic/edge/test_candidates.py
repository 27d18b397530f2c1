"""From solved problems to candidates: in raw units, with the residual of what will be used."""

from __future__ import annotations

import numpy as np
import pytest
from edges import edge_of, rows

from kancli.symbolic.edge.candidates import (
    MANY_ROWS,
    candidate_of,
    fit_to_end,
    free_parameters,
    searched,
    to_candidates,
)
from kancli.symbolic.edge.chains.problems import problems
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import ALL, library

FUNCTIONS = (ALL["exp"], ALL["sqrt"], ALL["sin"])
NAMES = frozenset(ALL)


def test_a_residual_is_that_of_the_raw_values_under_the_weights() -> None:
    x = rows(1, 3)
    weight = np.linspace(0.1, 2, len(x))
    y = 3 * np.exp(-x) + 0.01 * np.sin(40 * x)
    activation = Activation((Term(3.0, (Step("exp", -1.0, 0.0),)),), 0.0)
    found = candidate_of(activation, edge_of(x, y, weight))
    mean = np.average(y, weights=weight)
    missed = np.average((y - 3 * np.exp(-x)) ** 2, weights=weight) / np.average(
        (y - mean) ** 2, weights=weight
    )
    assert found.residual == pytest.approx(missed, rel=1e-9)
    assert found.complexity == activation.complexity
    assert not found.limit


def test_a_function_that_only_imitates_another_is_marked() -> None:
    x = rows(1, 3)
    assert candidate_of(Activation((Term(1e4, (Step("sin", 1e-4, 0.0),)),), 0.0), edge_of(x, x)).limit


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_solved_problems_become_candidates_in_raw_units_of_any_size(scale: float) -> None:
    x = scale * rows(1, 3)
    y = 4 * np.exp(-2 * x / scale) + 7
    edge = edge_of(x, y)
    start = problems(FUNCTIONS, [[0]], np.array([[-1.5, 0.0, 1.0]]), [[True, False, False]], 0.0)
    (found,) = to_candidates(fit_to_end(start, edge.curve), edge, NAMES)
    (term,) = found.activation.terms
    assert found.residual < 1e-24
    assert term.c == pytest.approx(4)
    assert term.steps[0].a == pytest.approx(-2 / scale)
    assert found.activation.d == pytest.approx(7)


def test_a_problem_tied_to_the_origin_has_no_offset_in_raw_units() -> None:
    x = rows(1, 3)
    edge = edge_of(x, np.sqrt(x))
    origin = edge.curve.origin
    tied = problems(FUNCTIONS, [[1]], np.array([[1.0, 0.0, 1.0]]), [[False, False, False]], origin)
    (found,) = to_candidates(fit_to_end(tied, edge.curve), edge, NAMES)
    assert found.activation.terms[0].steps[0] == Step("sqrt", 1.0, 0.0)
    assert found.residual < 1e-28


def test_what_could_not_be_solved_is_no_candidate() -> None:
    x = rows(1, 3)
    edge = edge_of(x, np.sqrt(x))
    outside = problems(FUNCTIONS, [[1]], np.array([[1.0, -5.0, 1.0]]), [[False, False, False]], 0.0)
    assert to_candidates(fit_to_end(outside, edge.curve), edge, NAMES) == []


def test_very_many_rows_are_fitted_by_way_of_some_and_end_on_all() -> None:
    x = rows(1, 3, count=2 * MANY_ROWS + 500)
    edge = edge_of(x, np.exp(-2 * x) + 1e-3 * np.sin(300 * x))
    start = problems(FUNCTIONS, [[0]], np.array([[-1.5, 0.0, 1.0]]), [[True, False, False]], 0.0)
    solved = fit_to_end(start, edge.curve)
    (found,) = to_candidates(solved, edge, NAMES)
    assert found.residual == pytest.approx(float(solved.residual[0]), rel=1e-6)
    again = fit_to_end(solved, edge.curve)
    assert float(again.residual[0]) == pytest.approx(found.residual, rel=1e-6)


def test_the_solver_moves_only_what_is_independent() -> None:
    assert free_parameters(ALL["sin"], tied=False) == (True, True, False)
    assert free_parameters(ALL["sin"], tied=True) == (True, False, False)
    assert free_parameters(ALL["exp"], tied=False) == (True, False, False)
    assert free_parameters(ALL["sqrt"], tied=False) == (False, True, False)
    assert free_parameters(ALL["power"], tied=True) == (False, False, True)


def test_of_twins_one_is_searched_where_both_are_there() -> None:
    both, one = library(["sin", "cos"]), library(["cos"])
    names = [both[k].name for k in searched(both, frozenset(f.name for f in both))]
    assert names == ["x", "sin"]
    assert [one[k].name for k in searched(one, frozenset(f.name for f in one))] == ["x", "cos"]
