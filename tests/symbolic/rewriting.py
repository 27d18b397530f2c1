"""Shared by the tests of rewriting rules: nodes over random parts, and whether a rule keeps their values."""

from __future__ import annotations

import re

import numpy as np
from expressions import NAMES, expressions
from hypothesis import strategies as st

from kancli.symbolic.expression import (
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    constants,
    evaluate,
    with_constants,
)
from kancli.symbolic.expression.tree import exact
from kancli.symbolic.rewrite.canonical import ordered
from kancli.symbolic.text.printer import render

# One table where all inputs are above 0, one where they have either sign.
POSITIVE = np.random.default_rng(0).uniform(0.5, 2, (50, 3))
MIXED = np.random.default_rng(1).uniform(-2, 2, (50, 3))

free = st.one_of(st.floats(0.2, 4), st.floats(-4, -0.2)).map(Constant)
# Parts with a free number in front, of which sums that hide a scale are made.
scaled = st.builds(lambda c, part: Product((c, part)), free, expressions)
parts = st.one_of(expressions, scaled, free)
sums = st.lists(st.one_of(scaled, free, parts), min_size=2, max_size=3).map(lambda terms: Sum(tuple(terms)))
scalable_sums = st.lists(scaled, min_size=2, max_size=3).map(lambda terms: Sum(tuple(terms)))
exponents = st.sampled_from(["2", "-1", "1/2", "-1/2", "3", "3/2"]).map(exact)
powers = st.builds(Power, st.one_of(parts, sums), st.one_of(exponents, free))
products = st.lists(st.one_of(parts, sums, powers), min_size=2, max_size=3).map(lambda f: Product(tuple(f)))


def keeps(expression: Expression, rewritten: Expression, x: np.ndarray) -> None:
    """Assert that both have the same values on the rows of x, and that no free constant was added.

    Examples in which rounding of the inputs or of the constants moves the values by more than the tolerance, or in
    which they are huge, are not looked at.
    """
    assert len(constants(rewritten)) <= len(constants(expression))
    with np.errstate(all="ignore"):
        values, moved = evaluate(expression, x), evaluate(expression, x * (1 + 1e-13))
        fine = (
            np.isfinite(values) & (np.abs(values) < 1e12) & np.isclose(moved, values, rtol=1e-9, atol=1e-12)
        )
        found = evaluate(rewritten, x)
    size = float(np.max(np.abs(values[fine]), initial=0.0))
    assert np.allclose(found[fine], values[fine], rtol=1e-6, atol=1e-8 * max(size, 1e-3))


def short(expression: Expression) -> str:
    """Its text with terms and factors in a fixed order, free constants with six digits and without a point."""
    digits = with_constants(expression, [float(f"{c.value:.6g}") for c in constants(expression)])
    return re.sub(r"(\d)\.0\b", r"\1", render(ordered(digits), NAMES))
