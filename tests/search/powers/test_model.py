"""A sum of products of powers is the same as a formula, as values, and as a network with a function on every edge."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from expressions import property_test
from hypothesis import given, settings
from hypothesis import strategies as st

from kancli.dataset import from_memory
from kancli.recipe import FitOptions
from kancli.search.edges import PowerEdge
from kancli.search.powers.model import Basis, Sum, power_name
from kancli.symbolic.expression import Call, Variable, constants, evaluate, exact, power
from kancli.symbolic.forms.signomial import Signomial
from kancli.symbolic.text.parser import parse

# Two inputs above 0, one of either sign.
X = np.column_stack(
    [np.random.default_rng(0).uniform(0.5, 2.0, (40, 2)), np.random.default_rng(1).uniform(-1.0, 1.0, 40)]
)
EXTRAS = (Variable(2), power(Variable(2), exact(2)), Call("cos", Variable(2)), Call("sin", Variable(0)))
ROOTS = (1, 2, -1, -2, Fraction(1, 2))
often = settings(property_test, max_examples=40)
PLAIN = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)


@st.composite
def sums(draw: st.DrawFn) -> Sum:
    """Random factors, exponents that are plain or not, and extra factors; of one sign where there is a root."""
    root = Fraction(draw(st.sampled_from(ROOTS)))
    terms = draw(st.integers(1, 3))
    known = np.array(draw(st.lists(st.booleans(), min_size=2 * terms, max_size=2 * terms))).reshape(terms, 2)
    exponents = np.array(
        [draw(st.sampled_from(PLAIN) if sure else st.floats(-2.5, 2.5)) for sure in known.flat]
    ).reshape(terms, 2)
    kinds = [0] * terms
    size = st.floats(0.1, 3.0)
    if root == 1:
        kinds = draw(st.lists(st.integers(0, len(EXTRAS)), min_size=terms, max_size=terms))
        size = st.one_of(size, size.map(lambda c: -c))
    factors = np.array([draw(size) for _ in range(terms)])
    centre = np.array([draw(st.floats(0.5, 2.0)) for _ in range(2)])
    fitted = Signomial(factors, exponents, np.array(kinds, dtype=np.intp), centre, 0.0)
    return Sum(root, Basis((0, 1), EXTRAS), fitted, known, 0.0)


def written_out(one: Sum) -> np.ndarray:
    """y by the definition."""
    fronts = [np.ones(len(X)), X[:, 2], X[:, 2] ** 2, np.cos(X[:, 2]), np.sin(X[:, 0])]
    total = sum(
        c * np.prod((X[:, :2] / one.fitted.centre) ** p, axis=1) * fronts[kind]
        for c, p, kind in zip(one.fitted.factors, one.fitted.exponents, one.fitted.extras, strict=True)
    )
    return np.asarray(total if one.root == 1 else total ** (1 / float(one.root)))


def close(one: np.ndarray, other: np.ndarray, share: float = 1e-11) -> bool:
    return bool(np.max(np.abs(one - other)) <= share * max(np.max(np.abs(other)), 1e-3))


@often
@given(sums())
def test_values_and_formula_are_those_of_the_definition(one: Sum) -> None:
    expected = written_out(one)
    assert close(one.values(X), expected)
    assert close(evaluate(one.expression(), X), expected)


@often
@given(sums())
def test_exact_exponents_are_no_free_constants_of_the_formula(one: Sum) -> None:
    # Where two terms have the same powers they may become one.
    assert len(constants(one.expression())) <= len(one.fitted.factors) + int((~one.exact).sum())


@often
@given(sums())
def test_the_edges_make_a_network_with_the_same_values(one: Sum) -> None:
    edges = one.edges(X)
    products = np.ones((len(one.fitted.factors), len(X)))
    for edge in (e for e in edges if e.layer == 0):
        products[edge.target] *= edge.value
        assert np.array_equal(edge.u, X[:, edge.source])
    inner = {e.source: e for e in edges if e.layer == 1}
    assert sorted(inner) == list(range(len(products)))
    assert all(close(edge.u, products[k]) for k, edge in inner.items())
    total = sum(edge.value for edge in inner.values())
    outer = [e for e in edges if e.layer == 2]
    assert len(outer) == (one.root != 1)
    assert all(close(edge.u, np.asarray(total)) for edge in outer)
    assert close(outer[0].value if outer else np.asarray(total), written_out(one))


@often
@given(sums())
def test_an_edge_is_its_factor_times_its_expression(one: Sum) -> None:
    for edge in one.edges(X):
        value = edge.factor * evaluate(parse(edge.expression, ("u",)), edge.u[:, None])
        assert close(value, edge.value, 1e-4)  # exponents are written with six digits


@often
@given(sums())
def test_the_slope_of_an_edge_is_how_far_the_prediction_follows_it(one: Sum) -> None:
    step = 1e-6
    edges = one.edges(X)
    total = np.asarray(sum(e.value for e in edges if e.layer == 1))
    products = {e.source: e for e in edges if e.layer == 1}

    def predicted(by: np.ndarray) -> np.ndarray:
        return np.asarray((total + by) ** (1 / float(one.root)) if one.root != 1 else total + by)

    def raises(edge: PowerEdge) -> np.ndarray:
        """What an edge whose value grows by this share adds to the total."""
        return products[edge.target].value if edge.layer == 0 else edge.value

    for edge in (e for e in edges if e.layer < 2):
        slope = (predicted(step * raises(edge)) - predicted(-step * raises(edge))) / (2 * step)
        assert close(edge.slope * edge.value, slope, 1e-5)


def test_powers_are_of_what_is_positive_and_other_inputs_enter_as_they_are_or_squared() -> None:
    table = from_memory(X, X[:, 0], inputs=("a", "b", "c"))[0]
    assert Basis.of(table, FitOptions(exclude=("sin", "cos"))) == Basis((0, 1), EXTRAS[:2])


@pytest.mark.parametrize(
    ("low", "high", "angle"),
    [(0.1, 3.0, True), (0.1, 12.0, True), (0.1, 20.0, False), (1.0, 1.2, False), (-3.0, 3.0, True)],
)
def test_sine_and_cosine_are_of_what_may_be_an_angle(low: float, high: float, angle: bool) -> None:
    table = from_memory(np.linspace(low, high, 40)[:, None], np.linspace(0, 1, 40), inputs=("a",))[0]
    waves = {extra.function for extra in Basis.of(table, FitOptions()).extras if isinstance(extra, Call)}
    assert waves == ({"sin", "cos"} if angle else set())
    only = Basis.of(table, FitOptions(lib=("x", "power", "sin"))).extras
    assert {extra.function for extra in only if isinstance(extra, Call)} == ({"sin"} if angle else set())


def test_powers_have_the_names_of_the_library() -> None:
    assert [power_name(p, known=True) for p in (2.0, 0.5, -1.0, 1.0)] == ["x^2", "sqrt", "1/x", "x"]
    assert power_name(1.5, known=True) == "x^(3/2)"
    assert power_name(math.pi, known=False) == "x^3.142"
