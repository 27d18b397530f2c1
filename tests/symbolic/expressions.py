"""Shared by the tests of formulas: random expressions, known ones, and what a network would say of them."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from kancli.symbolic.expression import (
    FUNCTIONS,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    exact,
)
from kancli.symbolic.expression.tree import rebuilt

NAMES = ("x", "y", "z")
# The same examples on every machine and in every run.
property_test = settings(max_examples=120, deadline=None, derandomize=True)
# Special functions have tests of their own: what nests them at random is seldom a number.
PLAIN = sorted(name for name, entry in FUNCTIONS.items() if not entry.name_is_free)

_numbers = st.one_of(
    st.integers(-5, 5).map(exact),
    st.sampled_from(["pi", "1/2", "-2/3", "2*pi", "1.25", "sqrt(2)", "1/sqrt(2*pi)", "6.674e-11"]).map(exact),
    st.floats(-5, 5, allow_nan=False).map(Constant),
    st.floats(1e-12, 1e12).map(Constant),
)
_leaves = st.one_of(st.integers(0, 2).map(Variable), _numbers)


def _larger(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    exponents = st.sampled_from(["2", "-1", "1/2", "-1/2", "3", "-2", "3/2"]).map(exact)
    return st.one_of(
        several.map(Sum),
        several.map(Product),
        st.builds(Power, parts, exponents),
        st.builds(Call, st.sampled_from(PLAIN), parts),
    )


expressions = st.recursive(_leaves, _larger, max_leaves=10)

# Formulas of many kinds, over x, y, z in [1, 3].
KNOWN = (
    "exp(sin(pi*x) + y**2)",
    "x*y",
    "sin(3*x) + y**2",
    "x/y",
    "sqrt(x**2 + y**2)",
    "x*sin(y)",
    "z/sqrt(1 - x**2/(y + 3)**2)",
    "exp(-x**2/2)/sqrt(2*pi)",
    "x*y*z/(4*pi*(y + z)**2)",
    "1/(exp(x*y/z) - 1)",
    "x*y**2/2",
    "z*(1/y - 1/x)",
    "2.5*x + 1.35*y - 3",
    "x/(4*pi*y*z**2)",
    "(x + y)/(1 + x*y/z**2)",
    "sqrt(x**2 + y**2 - 2*x*y*cos(z))",
    "3*log(x/y)*z/2",
    "x*exp(-y/z)",
    "2*pi*x**(3/2)/sqrt(y)",
    "asin(sin(y)/x)",
    "1/tanh(x) - 1/x + y",
    "cos(x*y + pi/3)*z",
    "x + y*z**2/3",
    "6.674*x*y/z**2",
    "1/(1 + 0.37*x**2)",
    "x*(cos(y*z) + 0.82*cos(y*z)**2)",
    "sin(x)**2*y/(4*pi**2)",
    "tanh(x*y)*z/2",
    "x**2*(y - z)/3",
    "exp(-(x - 1.2)**2/2) + y",
    "Abs(x - 2)*y",
    "2*atan(y/x)",
    "exp(2 - x)*y",
)
_SHAPES = (-2.0, -1.0, -0.5, 0.5, 1.5, 2.0, 3.0)


def as_a_network_says_it(expression: Expression, rng: np.random.Generator, error: float = 1e-3) -> Expression:
    """Every number a little wrong and free, every variable and call with a scale and an offset of its own."""

    def near(value: float) -> Constant:
        return Constant(value + error * rng.normal() * (abs(value) or 1.0))

    def said(node: Expression) -> Expression:
        if isinstance(node, Constant):
            return near(node.value)
        if isinstance(node, Power) and isinstance(node.exponent, Constant) and node.exponent.value in _SHAPES:
            return Power(said(node.base), node.exponent)
        parts = [said(part) for part in children(node)]
        if isinstance(node, Call) and node.function not in ("log", "asin"):
            inside = Sum((Product((near(1.0), parts[0])), near(0.0)))
            return Product((near(1.0), Call(node.function, inside)))
        if isinstance(node, Call | Variable):
            return Product((near(1.0), rebuilt(node, parts) if parts else node))
        return rebuilt(node, parts)

    return Sum((Product((near(1.0), said(expression))), near(0.0)))


def relative_error(values: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((values - truth) ** 2)) / np.std(truth))
