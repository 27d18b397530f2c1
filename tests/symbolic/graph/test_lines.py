"""Splines become straight lines where the others can take their bend over, and only there."""

from __future__ import annotations

import numpy as np
from graphs import as_splines, elementary, graph, rows

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.clean import is_line
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import predict
from kancli.symbolic.graph.lines import straightened_in_context

X = rows(2, count=400)
BENT = graph(
    2,
    [
        (0, 2, elementary("x^2", d=1.2)),
        (1, 2, elementary("sin", a=2.0)),
        (2, 3, elementary("x")),
    ],
)
PLAIN = graph(2, [(0, 2, elementary("sin", a=2.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp"))])


def standard(y: np.ndarray) -> np.ndarray:
    return np.asarray((y - y.mean()) / y.std())


def test_a_bend_that_is_not_needed_goes() -> None:
    y = standard(X[0] * (X[1] + 2))
    start = graph(
        2,
        [(0, 2, elementary("x")), (1, 2, elementary("x", d=2.0)), (2, 3, elementary("tanh", a=0.5))],
        products=[2],
    )
    fitted = fit_graph(as_splines(start, X), X, y, steps=60)
    assert fitted.rmse < 1e-3
    found = straightened_in_context(fitted.graph, X, y, fitted.rmse)
    error = np.sqrt(np.mean((predict(found, X) - y) ** 2))
    assert error <= 1.25 * fitted.rmse
    assert is_line(found.edges[2])


def test_a_bend_that_is_needed_stays() -> None:
    y = standard(predict(PLAIN, X))
    fitted = fit_graph(as_splines(PLAIN, X), X, y, steps=20)
    assert straightened_in_context(fitted.graph, X, y, fitted.rmse) is fitted.graph


def test_pinned_edges_are_not_straightened_and_time_is_kept() -> None:
    y = standard(predict(BENT, X))
    splines = as_splines(BENT, X)
    pinned = frozenset(Edge(0, i, i) for i in range(3))
    assert straightened_in_context(splines, X, y, 0.5, pinned) is splines
    assert straightened_in_context(splines, X, y, 0.5, expired=lambda: True) is splines
