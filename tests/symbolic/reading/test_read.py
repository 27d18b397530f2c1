"""From splines to the shortest formula that describes the data."""

from __future__ import annotations

import numpy as np
from graphs import GRID, as_splines, elementary, graph, rows

from kancli.engine.architecture import Edge
from kancli.symbolic.expression import evaluate
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import library, named_function
from kancli.symbolic.reading.assignment import Data, Search
from kancli.symbolic.reading.read import Reading, read

X = rows(2)
KNOWN = graph(
    2, [(0, 2, elementary("sin", a=3.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.7))]
)
PRODUCT = graph(
    2, [(0, 2, elementary("x")), (1, 2, elementary("sin", a=2.0)), (2, 3, elementary("exp"))], products=[2]
)

# 1/(1 + u^(-1/0.85))
INVERSE = Activation((Term(1.0, (Step("power", 1.0, 0.0, -1 / 0.85), Step("1/x", 1.0, 1.0))),), 0.0)


def reading_of(
    known: Graph, y: np.ndarray, x: np.ndarray = X, **changes: object
) -> tuple[Reading, list[str]]:
    floors = dict.fromkeys((e.origin[0] for e in known.edges), 1e-8)
    given = {"functions": library(), "compositions": True, "top": 5, "floors": floors, "fixed": {}}
    told: list[str] = []
    search = Search(**{**given, **changes})  # type: ignore[arg-type]
    splines = as_splines(known, x)
    return read(splines, Data(x, y), search, grid=GRID, tell=told.append), told


def test_sums_are_read_to_rounding() -> None:
    found, told = reading_of(KNOWN, predict(KNOWN, X))
    assert found.best is not None
    assert found.best.exact
    assert found.explains
    assert found.best in found.tried
    np.testing.assert_allclose(evaluate(found.best.expression, X.T), predict(KNOWN, X), atol=1e-9)
    assert told


def test_product_nodes_are_read_to_rounding() -> None:
    found, _ = reading_of(PRODUCT, predict(PRODUCT, X))
    assert found.best is not None
    assert found.best.exact


def test_a_product_in_an_odd_power_is_read_in_a_plain_one() -> None:
    x = rows(2, low=0.5, high=2.0)
    odd = graph(
        2,
        [
            (0, 2, elementary("power", exponent=-0.85)),
            (1, 2, elementary("power", exponent=-0.85)),
            (2, 3, INVERSE),
        ],
        products=[2],
    )
    found, _ = reading_of(odd, 1 / (1 + x[0] * x[1]), x)
    assert found.best is not None
    assert found.best.exact
    assert [e.curve.name for e in found.best.graph.edges] == ["x", "x", "1/x"]


def test_what_no_function_explains_is_said_not_to_be_explained() -> None:
    x = rows(1, count=400)
    strange = graph(1, [(0, 1, elementary("sin", a=9.0))])
    found, _ = reading_of(
        strange, predict(strange, x), x, functions=library(("x", "exp")), compositions=False
    )
    assert found.best is not None
    assert not found.explains


def test_a_fixed_function_is_kept_although_another_fits_better() -> None:
    fixed = {Edge(0, 1, 1): named_function("cosh", {})}
    found, _ = reading_of(KNOWN, predict(KNOWN, X), fixed=fixed, compositions=False)
    assert found.best is not None
    assert [e.curve.name for e in found.best.graph.edges if e.origin[0] == Edge(0, 1, 1)] == ["cosh"]


def test_noise_does_not_add_terms() -> None:
    y = predict(KNOWN, X)
    noisy = y + 0.01 * np.std(y) * np.random.default_rng(0).normal(size=len(y))
    few = library(("x", "x^2", "x^3", "exp", "sin", "tanh", "gaussian"))
    found, _ = reading_of(KNOWN, noisy, functions=few, compositions=False)
    assert found.best is not None
    assert [e.curve.name for e in found.best.graph.edges] == ["sin", "x^2", "exp"]
