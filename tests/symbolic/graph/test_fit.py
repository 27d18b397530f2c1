"""Fitting everything in a graph at once."""

from __future__ import annotations

import numpy as np
from graphs import as_splines, elementary, graph, relative, rows

from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import predict

KNOWN = graph(
    2,
    [(0, 2, elementary("sin", a=3.0)), (1, 2, elementary("x^2", c=0.7)), (2, 3, elementary("exp", a=0.5))],
)


def test_known_constants_come_back() -> None:
    x = rows(2)
    y = predict(KNOWN, x)
    start = graph(
        2,
        [
            (0, 2, elementary("sin", a=2.7, c=0.8)),
            (1, 2, elementary("x^2", c=1.0)),
            (2, 3, elementary("exp", a=0.4, d=0.1)),
        ],
    )
    fitted = fit_graph(start, x, y, steps=100)
    assert fitted.rmse < 1e-9
    # The scale between the hidden node and exp is free: what the data fix is a·c.
    sine, square, outer = (e.curve for e in fitted.graph.edges)
    a = outer.terms[0].steps[0].a  # type: ignore[union-attr]
    assert abs(sine.terms[0].steps[0].a - 3.0) < 1e-7  # type: ignore[union-attr]
    assert abs(a * sine.terms[0].c - 0.5) < 1e-7  # type: ignore[union-attr]
    assert abs(a * square.terms[0].c - 0.35) < 1e-7  # type: ignore[union-attr]


def test_splines_beside_functions_are_fitted_with_them() -> None:
    x = rows(2)
    y = predict(KNOWN, x)
    bent = as_splines(KNOWN, x, only=[0])
    bent = bent.with_curves({0: bent.edges[0].curve.with_parameters(1.1 * bent.edges[0].curve.parameters())})
    before = relative(predict(bent, x), y)
    assert relative(predict(fit_graph(bent, x, y, steps=30).graph, x), y) < 1e-4 * before


def test_the_error_reported_is_the_graphs() -> None:
    x = rows(2)
    y = predict(KNOWN, x) + 0.1 * np.sin(20 * x[0])
    fitted = fit_graph(as_splines(KNOWN, x, grid=5), x, y, steps=5)
    error = float(np.sqrt(np.mean((predict(fitted.graph, x) - y) ** 2)))
    np.testing.assert_allclose(fitted.rmse, error, rtol=1e-9)


def test_a_fit_never_makes_the_error_larger() -> None:
    x = rows(2, seed=3)
    y = np.random.default_rng(1).normal(size=x.shape[1])
    start = graph(2, [(0, 2, elementary("log", b=1.5)), (1, 2, elementary("sqrt", b=1.2))])
    before = float(np.sqrt(np.mean((predict(start, x) - y) ** 2)))
    assert fit_graph(start, x, y, steps=20).rmse <= before


def test_a_redundant_scale_does_not_stop_the_fit() -> None:
    x = rows(1)
    start = graph(1, [(0, 1, elementary("x", c=0.5)), (1, 2, elementary("x", c=0.5))])
    fitted = fit_graph(start, x, 3 * x[0] + 1, steps=50)
    assert fitted.rmse < 1e-8
