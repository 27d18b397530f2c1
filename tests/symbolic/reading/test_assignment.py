"""Choosing functions for all edges together."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import as_splines, elementary, graph, rows
from scipy.special import ellipk

from kancli.engine.architecture import Edge
from kancli.symbolic.edge.fit import Candidate
from kancli.symbolic.expression import evaluate
from kancli.symbolic.graph.curve import fit_spline
from kancli.symbolic.graph.graph import predict
from kancli.symbolic.library.functions import Function, library, named_function, special_functions
from kancli.symbolic.reading.assignment import (
    Choices,
    Data,
    Search,
    candidates_of,
    exchange,
    measured_candidates,
    noise_share,
    plainest,
    score,
    shortlist,
)

X = rows(2)
KNOWN = graph(
    2, [(0, 2, elementary("sin", a=3.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.7))]
)
DATA = Data(X, predict(KNOWN, X))
FLOORS = dict.fromkeys((e.origin[0] for e in KNOWN.edges), 1e-9)
FEW = ("x", "x^2", "x^3", "exp", "log", "sin", "tanh", "gaussian")


def search(**changes: object) -> Search:
    given = {"functions": library(FEW), "compositions": False, "top": 5, "floors": FLOORS, "fixed": {}}
    return Search(**{**given, **changes})  # type: ignore[arg-type]


def test_the_true_functions_are_the_first_candidates() -> None:
    choices = candidates_of(as_splines(KNOWN, X), DATA, search())
    assert [choices[i].candidates[0].activation.name for i in range(3)] == ["sin", "x^2", "exp"]


def test_a_fixed_function_is_the_only_candidate() -> None:
    fixed = {Edge(0, 1, 1): named_function("abs", {})}
    choices = candidates_of(as_splines(KNOWN, X), DATA, search(fixed=fixed))
    assert {c.activation.name for c in choices[1].candidates} == {"abs"}
    assert choices[0].candidates[0].activation.name == "sin"


@pytest.mark.parametrize("thorough", [False, True])
def test_a_single_edge_that_nothing_plain_fits_may_be_a_special_function(thorough: bool) -> None:
    """The same graph without `special`, and one with two such edges, have none."""

    def first(function: str, special: tuple[Function, ...]) -> list[str]:
        known = graph(2, [(0, 2, elementary("besselj0", a=9.0)), (1, 2, elementary(function, a=8.0))])
        data = Data(X, predict(known, X))
        floors = dict.fromkeys((e.origin[0] for e in known.edges), 1e-6)
        given = search(floors=floors, compositions=True, thorough=thorough, special=special)
        choices = candidates_of(as_splines(known, X), data, given)
        return [choices[i].candidates[0].activation.name for i in range(2)]

    special = special_functions(library())
    assert first("sin", special) == ["besselj0", "sin"]
    assert "besselj0" not in first("sin", ())
    assert not {"besselj0", "besselj1"} & set(first("besselj1", special))


def test_uneven_rows_do_not_hide_a_special_function_behind_noise_that_is_none() -> None:
    x = np.sort(np.random.default_rng(2).uniform(0.1, 0.95, 150))
    data = Data(x[None], ellipk(x))
    assert noise_share(data) > 1e-6
    given = search(functions=library(), compositions=True, special=special_functions(library()))
    assert measured_candidates(data, given).candidates[0].activation.name == "elliptic_k"


def test_only_the_edges_asked_for_are_fitted() -> None:
    assert set(candidates_of(as_splines(KNOWN, X), DATA, search(), only=[1])) == {1}


def test_candidates_are_fitted_where_the_output_feels_the_edge() -> None:
    # Below zero abs(u) + u is nought whatever u is: there the spline may be anything that is negative.
    known = graph(1, [(0, 1, elementary("x^3")), (1, 2, elementary("abs")), (1, 2, elementary("x"))])
    x = rows(1)
    arbitrary = np.where(x[0] > 0, x[0] ** 3, -np.abs(np.sin(9 * x[0])))
    splines = known.with_curves({0: fit_spline(x[0], arbitrary, 40, 3)})
    choices = candidates_of(splines, Data(x, predict(known, x)), search(floors={Edge(0, 0, 0): 1e-4}))
    assert choices[0].candidates[0].activation.name == "x^3"


def test_the_exchange_ends_in_the_exact_formula_from_splines() -> None:
    splines = as_splines(KNOWN, X)
    best, tried = exchange(Choices(splines, candidates_of(splines, DATA, search())), DATA)
    assert best is not None
    assert best.exact
    assert best in tried
    np.testing.assert_allclose(evaluate(best.expression, X.T), DATA.y, atol=1e-9)


def test_the_exchange_leaves_a_wrong_first_choice() -> None:
    splines = as_splines(KNOWN, X)
    choices = candidates_of(splines, DATA, search())
    misled = dict(choices)
    candidates = choices[1].candidates
    misled[1] = type(choices[1])((*candidates[1:3], candidates[0]), choices[1].floor)
    best, _ = exchange(Choices(splines, misled), DATA)
    assert best is not None
    assert best.exact


def test_a_score_re_fits_the_constants() -> None:
    off = KNOWN.with_curves({0: elementary("sin", c=1.1, a=2.9)})
    scored = score(off, DATA)
    assert scored is not None
    assert scored.rmse < 1e-9


def test_a_graph_with_a_spline_has_no_score() -> None:
    assert score(as_splines(KNOWN, X, only=[0]), DATA) is None


def test_the_shortlist_keeps_the_best_and_every_simpler_one_that_nothing_simpler_matches() -> None:
    def candidate(residual: float, complexity: int) -> Candidate:
        return Candidate(elementary("x", c=residual), residual, complexity)

    pool = [candidate(1e-9, 9), candidate(1e-8, 8), candidate(1e-3, 2), candidate(2e-3, 3), candidate(0.1, 1)]
    assert shortlist(pool, 2) == (pool[0], pool[1], pool[4], pool[2])


def test_the_plainest_candidates_are_the_weighted_line_and_the_mean() -> None:
    x = np.linspace(-1, 1, 50)
    line, level = plainest(x, 2 * x + 1, np.ones(50))
    np.testing.assert_allclose(line.activation.evaluate(x), 2 * x + 1, atol=1e-12)
    np.testing.assert_allclose(level.activation.evaluate(x), 1.0, atol=1e-12)


def test_an_edge_that_stands_out_is_more_confident_than_one_that_does_not() -> None:
    choices = candidates_of(as_splines(KNOWN, X), DATA, search(floors=dict.fromkeys(FLOORS, 1e-12)))
    clear = choices[0]
    vague = type(clear)((clear.candidates[1], clear.candidates[1]), clear.floor)
    assert clear.confidence() > vague.confidence()
