"""Common scales: taken out and put in again they change no value and add no constant."""

from __future__ import annotations

import pytest
from expressions import NAMES, property_test
from hypothesis import given
from hypothesis import strategies as st
from rewriting import MIXED, POSITIVE, free, keeps, powers, products, scalable_sums, scaled, short, sums

from kancli.symbolic.expression import Constant, Expression, Power, Product, Sum, constants, multiply, power
from kancli.symbolic.expression.tree import exact, split
from kancli.symbolic.rewrite.scales import (
    distributed,
    divided_by,
    pivot,
    pulled_factor,
    pulled_scale,
    scalable,
    with_scale_in_front,
)
from kancli.symbolic.text.parser import parse


@property_test
@given(st.one_of(scalable_sums, scaled, sums, products), st.booleans())
def test_a_pulled_scale_times_the_rest_is_the_whole(node: Expression, positive: bool) -> None:
    scale, rest = pulled_scale(node, positive=positive)
    if scale is None:
        assert rest == node
        return
    assert scale.free
    assert not positive or scale.value > 0
    # At least one constant less is left inside: that which is the scale now.
    assert len(constants(rest)) < len(constants(node))
    keeps(node, multiply(scale, rest), MIXED)


@property_test
@given(scalable_sums)
def test_a_sum_over_a_scale_has_the_pivot_exactly_one(node: Sum) -> None:
    main = pivot(node)
    assert any(split(term)[0] is main for term in node.terms)
    for scale in (main, Constant(abs(main.value))):
        keeps(node, multiply(scale, divided_by(node, main, scale)), MIXED)


@property_test
@given(st.one_of(free, st.sampled_from(["2", "-1/3", "pi"]).map(exact)), st.one_of(sums, scalable_sums))
def test_a_coefficient_is_distributed_only_where_that_leaves_no_more_constants(
    coefficient: Constant, node: Sum
) -> None:
    opened = distributed(coefficient, node)
    if opened is not None:
        keeps(multiply(coefficient, node), opened, MIXED)
    elif scalable(node):
        pytest.fail("a sum of free coefficients takes any factor")


@property_test
@given(st.one_of(scalable_sums, sums), st.sampled_from(["1", "2", "-1", "1/2", "3/2", "-2"]).map(exact))
def test_a_scale_pulled_out_of_a_power_is_raised_to_it(base: Sum, exponent: Constant) -> None:
    factor = power(base, exponent)
    pulled = pulled_factor(factor)
    if pulled is not None:
        assert pulled[0].free
        keeps(factor, multiply(*pulled), POSITIVE)
        keeps(factor, multiply(*pulled), MIXED)


@property_test
@given(st.one_of(products, powers, scaled))
def test_a_term_with_its_scale_in_front_is_the_same_term(term: Expression) -> None:
    found = with_scale_in_front(term)
    if found is not None:
        keeps(term, found, POSITIVE)


@pytest.mark.parametrize(
    ("text", "positive", "scale", "rest"),
    [
        ("-2.0*x", False, -2.0, "x"),
        ("-2.0*x", True, 2.0, "-x"),
        ("4.0*x + 2.0", False, 4.0, "x + 0.5"),
        ("-4.0*x + 2.0", True, 4.0, "-x + 0.5"),
        ("4.0*exp(x) + 2.0*y", False, 2.0, "2.0*exp(x) + y"),
        ("4.0*x + 8.0*y", False, 8.0, "0.5*x + y"),
        ("x + 2.0", False, None, "x + 2.0"),
        ("2*x", False, None, "2*x"),
        ("2.5", False, None, "2.5"),
    ],
)
def test_the_simplest_varying_term_gives_the_scale_and_of_equals_the_largest(
    text: str, positive: bool, scale: float | None, rest: str
) -> None:
    found, left = pulled_scale(parse(text, NAMES), positive=positive)
    assert (None if found is None else found.value) == scale
    assert short(left) == short(parse(rest, NAMES))


def test_a_free_exponent_gives_no_scale_away() -> None:
    base = parse("2.0*x + 3.0*y", NAMES)
    assert pulled_factor(Power(base, parse("z", NAMES))) is None
    assert pulled_factor(parse("x + 3.0", NAMES)) is None


def test_a_scale_under_a_root_is_taken_out_as_a_positive_number() -> None:
    pulled = pulled_factor(parse("sqrt(-4.0*x + 2.0*y)", NAMES))
    assert pulled is not None
    assert pulled[0].value == 2.0
    assert short(pulled[1]) == short(parse("sqrt(-x + 0.5*y)", NAMES))


@pytest.mark.parametrize(
    ("coefficient", "text", "opened"),
    [
        (Constant(2.0), "3.0*x + y", "6*x + 2*y"),
        # Two constants, or three.
        (Constant(2.0), "3.0*x + y + z", None),
        (exact(2), "3.0*x + 0.5", "6*x + 1"),
        (exact(2), "3.0*x + y", None),
    ],
)
def test_known_coefficients(coefficient: Constant, text: str, opened: str | None) -> None:
    found = distributed(coefficient, parse(text, NAMES))  # type: ignore[arg-type]
    assert (None if found is None else short(found)) == (
        None if opened is None else short(parse(opened, NAMES))
    )


def test_a_scale_of_nought_is_none() -> None:
    assert pulled_scale(Product((Constant(0.0), parse("x", NAMES))), positive=False)[0] is None
    node = parse("0.0*x + 0.0*y", NAMES)
    assert pulled_scale(node, positive=False) == (None, node)
