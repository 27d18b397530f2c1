"""The network that a product of factors is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kancli.recipe.width import parse_width
from kancli.search.edges import PowerEdge
from kancli.search.factors.atoms import Argument, Atom, Base
from kancli.search.factors.law import Exponent, Law
from kancli.search.factors.network import network
from kancli.symbolic.expression import evaluate

X = np.random.default_rng(0).uniform(1, 3, (60, 2))
HALF = Fraction(1, 2)
RATIO = Argument(((Base(0), 1), (Base(1), -1)))
DIFFERENCE = Argument(((Base(0, 1, -1), 1),))


def run(edges: list[PowerEdge], width: str, x: np.ndarray) -> np.ndarray:
    """What a network with these edges computes: the first nodes of a layer add, the others multiply."""
    values = list(x.T)
    for layer, (sums, products) in enumerate(parse_width(width)[1:]):
        entering = [[e for e in edges if (e.layer, e.target) == (layer, k)] for k in range(sums + products)]
        for own in (e for node in entering for e in node):
            assert own.u == pytest.approx(values[own.source])
        values = [
            (np.sum if k < sums else np.prod)([e.value for e in node], axis=0)
            for k, node in enumerate(entering)
        ]
    return np.asarray(values[0])


@pytest.mark.parametrize(
    ("powers", "atoms", "weights", "width"),
    [
        ((Fraction(2), -HALF), (), (), "2,1p"),
        ((Fraction(1), Fraction(0)), (Atom("factor", RATIO, beside=-1),), (HALF,), "2,2p,1p"),
        ((Fraction(0), Fraction(1)), (Atom("exponent", DIFFERENCE),), (-0.3,), "2,2,1p"),
        (
            (Fraction(1), Fraction(1)),
            (Atom("exponent", Argument(((Base(0, 1, -1), 2), (Base(1), -2)))),),
            (-0.5,),
            "2,3,3p,1p",
        ),
        (
            (Fraction(0), Fraction(0)),
            (Atom("factor", Argument(((Base(0, function="cos"), 1), (Base(1), 1))), beside=1, scale=0.2),),
            (Fraction(-1),),
            "2,1p,1p",
        ),
    ],
)
def test_it_computes_the_law(
    powers: tuple[Exponent, ...], atoms: tuple[Atom, ...], weights: tuple[Exponent, ...], width: str
) -> None:
    law = Law(0.0, powers, atoms, weights)
    y = np.exp(evaluate(law.log_model(), X))
    shape, edges = network(law, X, y)
    assert shape.width == width
    assert run(edges, width, X) == pytest.approx(y, rel=1e-9)


def test_constants_of_an_edge_are_written_to_six_digits() -> None:
    law = Law(0.0, (Fraction(1), Fraction(0)), (Atom("exponent", RATIO),), (-0.49999999999999967,))
    edges = network(law, X, np.ones(60))[1]
    assert "exp(-0.5*u)" in [e.expression for e in edges]


def test_a_slope_is_by_how_much_the_law_changes_with_the_edge() -> None:
    law = Law(0.0, (Fraction(1), Fraction(0)), (Atom("exponent", RATIO),), (-0.5,))
    y = np.exp(evaluate(law.log_model(), X))
    edges = network(law, X, y)[1]
    (numerator,) = [e for e in edges if (e.layer, e.source, e.target) == (0, 0, 1)]
    # y = a·exp(-n/(2b)), n the edge from a to the ratio
    assert numerator.slope == pytest.approx(-y / (2 * X[:, 1]), rel=1e-4)
