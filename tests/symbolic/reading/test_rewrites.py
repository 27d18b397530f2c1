"""Other ways to write the same graph."""

from __future__ import annotations

from graphs import GRID, as_splines, elementary, graph, relative, rows

from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import library
from kancli.symbolic.reading.assignment import Data, Search, candidates_of
from kancli.symbolic.reading.rewrites import leading_exponentials, monomial_rates, rewrites

X = rows(2, low=0.5, high=2.0)
# log y = log x1 - 2·log x2, and then a function that begins with exp
LOGS = graph(
    2,
    [
        (0, 2, elementary("log", c=0.6)),
        (1, 2, elementary("log", c=-1.2)),
        (2, 3, Activation((Term(1.0, (Step("exp", 1 / 0.6, 0.0), Step("tanh", 1.0, 0.0))),), 0.0)),
    ],
)
OTHER = graph(2, [(0, 2, elementary("sin")), (1, 2, elementary("x^2")), (2, 3, elementary("tanh", b=0.3))])


def choices_of(known: Graph) -> tuple[Graph, dict]:
    splines = as_splines(known, X, grid=GRID)
    floors = dict.fromkeys((e.origin[0] for e in known.edges), 1e-8)
    data = Data(X, predict(known, X))
    return splines, candidates_of(splines, data, Search(library(), True, 5, floors, {}))


def test_a_sum_of_logarithms_is_offered_as_a_monomial_and_its_inverse() -> None:
    splines, choices = choices_of(LOGS)
    rates = monomial_rates(splines, choices, 2)
    assert len(rates) == 2
    assert rates[0] == -rates[1]
    assert min(abs(abs(r * 0.6) - p) for r in rates for p in (0.5, 1.0)) < 1e-3


def test_every_rewriting_keeps_the_function() -> None:
    splines, choices = choices_of(LOGS)
    found = list(rewrites(splines, choices, X, GRID))
    assert found
    for other in found:
        assert other.products == {2}
        assert relative(predict(other, X), predict(splines, X)) < 1e-3


def test_an_exponential_on_the_edge_out_asks_for_a_product() -> None:
    known = graph(2, [(0, 2, elementary("sin")), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.7))])
    splines, choices = choices_of(known)
    assert any(abs(rate - 0.7) < 0.01 for rate in leading_exponentials(splines, choices, 2))


def test_a_graph_without_exponentials_and_logarithms_has_no_other_forms() -> None:
    assert list(rewrites(OTHER, {}, X, GRID)) == []
