"""A second look at each edge finds out a function that imitates another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from graphs import GRID, elementary, graph, rows

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.clean import line
from kancli.symbolic.graph.graph import Graph, forward, predict
from kancli.symbolic.library.functions import library, named_function
from kancli.symbolic.reading.assignment import Data, Scored, Search, score
from kancli.symbolic.reading.second_look import revisit, with_its_splines, worth_it

X = rows(2)
KNOWN = graph(
    2, [(0, 2, elementary("sin", a=2.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.7))]
)
Y = predict(KNOWN, X)
DATA = Data(X, (Y - Y.mean()) / Y.std())
SEARCH = Search(
    library(("x", "x^2", "x^3", "sin", "tanh", "exp", "gaussian", "cosh")),
    False,
    5,
    dict.fromkeys((e.origin[0] for e in KNOWN.edges), 1e-6),
    {},
)


def imitated(wrong: Graph) -> Scored:
    scored = score(wrong, DATA)
    assert scored is not None
    return scored


WRONG = KNOWN.with_curves({1: elementary("cosh", a=0.4, c=12.0)})


def test_an_imitating_function_is_exchanged_for_the_true_one() -> None:
    best = imitated(WRONG)
    assert not best.exact
    found, choices, tried = revisit(best, DATA, SEARCH, GRID, expired=lambda: False)
    assert found.exact
    assert [e.curve.name for e in found.graph.edges] == ["sin", "x^2", "exp"]
    assert 1 in choices
    assert found in tried


def test_a_function_given_by_hand_is_not_exchanged() -> None:
    search = replace(SEARCH, fixed={Edge(0, 1, 1): named_function("cosh", {})})
    found, _, _ = revisit(imitated(WRONG), DATA, search, GRID, expired=lambda: False)
    assert found.graph.edges[1].curve.name == "cosh"


def test_without_time_nothing_changes() -> None:
    best = imitated(WRONG)
    assert revisit(best, DATA, SEARCH, GRID, expired=lambda: True) == (best, {}, [])


def test_only_what_is_near_and_not_exact_is_looked_at_again() -> None:
    best = imitated(WRONG)
    assert worth_it(replace(best, rmse=1e-5), 1e-4)
    assert worth_it(replace(best, rmse=1e-2), 1e-3)
    assert not worth_it(replace(best, rmse=1e-2), 0.99e-2)  # the splines do no better: that is noise
    assert not worth_it(replace(best, rmse=0.3), 1e-4)
    assert not worth_it(replace(best, rmse=1e-14), 1e-4)


def test_the_splines_beside_a_formula_are_in_its_own_scales() -> None:
    scored, splines = with_its_splines(imitated(KNOWN), DATA, GRID)
    nodes, values = forward(splines, DATA.x)
    for i, edge in enumerate(scored.graph.edges):
        function = edge.curve.evaluate(nodes[edge.source])
        assert line(function, values[i], np.ones_like(function))[2] < 1e-6
