"""Edges get their functions one at a time, the others following."""

from __future__ import annotations

import numpy as np
from graphs import as_splines, elementary, graph, rows

from kancli.symbolic.graph.graph import predict
from kancli.symbolic.library.functions import library
from kancli.symbolic.reading.assignment import Data, Search
from kancli.symbolic.reading.lock_in import lock_in

X = rows(2)
KNOWN = graph(
    2, [(0, 2, elementary("sin", a=3.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.7))]
)
DATA = Data(X, predict(KNOWN, X))
FLOORS = dict.fromkeys((e.origin[0] for e in KNOWN.edges), 1e-9)


def search(*names: str) -> Search:
    return Search(library(names), False, 5, FLOORS, {})


def test_all_splines_are_replaced_where_functions_fit() -> None:
    locked, known = lock_in(
        as_splines(KNOWN, X), DATA, search("x", "x^2", "sin", "exp"), expired=lambda: False
    )
    assert not locked.splines()
    assert set(known) == {0, 1, 2}
    assert np.abs(predict(locked, X) - DATA.y).max() < 1e-6


def test_an_edge_that_no_function_explains_stays_a_spline() -> None:
    locked, _ = lock_in(as_splines(KNOWN, X), DATA, search("x", "x^2", "exp"), expired=lambda: False)
    assert 0 in locked.splines()  # sin(3x) is neither a parabola nor an exponential
    error = np.sqrt(np.mean((predict(locked, X) - DATA.y) ** 2))
    assert error < 1e-2


def test_no_time_no_change() -> None:
    splines = as_splines(KNOWN, X)
    locked, known = lock_in(splines, DATA, search("x", "x^2", "sin", "exp"), expired=lambda: True)
    assert len(locked.splines()) == 3
    assert known == {}
