"""Rules for sums, products and powers: the values stay, redundant constants go, and the known forms come out."""

from __future__ import annotations

import numpy as np
import pytest
from expressions import NAMES, property_test
from hypothesis import given
from rewriting import MIXED, POSITIVE, keeps, powers, products, short, sums

from kancli.symbolic.expression import Call, Power, Product, Sum, Variable, walk
from kancli.symbolic.expression.tree import exact
from kancli.symbolic.rewrite.operations import power_rule, product_rule, sum_rule
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.text.parser import parse


@property_test
@given(sums)
def test_a_sum_keeps_its_values(node: Sum) -> None:
    keeps(node, sum_rule(node), POSITIVE)
    keeps(node, sum_rule(node), MIXED)


@property_test
@given(products)
def test_a_product_keeps_its_values(node: Product) -> None:
    keeps(node, product_rule(node), POSITIVE)
    keeps(node, product_rule(node), MIXED)


@property_test
@given(powers)
def test_a_power_keeps_its_values_on_the_rows_that_its_signs_are_from(node: Power) -> None:
    keeps(node, power_rule(node, Signs(POSITIVE)), POSITIVE)
    keeps(node, power_rule(node, Signs(MIXED)), MIXED)
    keeps(node, power_rule(node, Signs()), MIXED)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2.0*(3.0*x + 0.5) + y", "6*x + 1 + y"),
        ("2.0*(x + 0.5) + y + 1.5", "2*x + y + 2.5"),
        ("log(2.0*x) + 0.5", "log(x) + 1.19315"),
        ("3.0*log(2.0*x) + 0.5", "3*log(x) + 2.57944"),
        # The sum becomes scalable: all its terms have a free coefficient then.
        ("(2.0*x + 0.5)**2 + 3.0*y", "4*(x + 0.25)**2 + 3*y"),
        ("2*(x + 1) + y", "2*(x + 1) + y"),
    ],
)
def test_sums(text: str, written: str) -> None:
    assert short(sum_rule(parse(text, NAMES))) == short(parse(written, NAMES))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2.0*(3.0*x + 0.5)", "6*x + 1"),
        ("2.0*(3.0*x + 0.5)*y", "6*(x + 0.166667)*y"),
        ("y*(4.0*x + 2.0*z)**2*(3.0*x + 1.5)", "48*y*(x + 0.5*z)**2*(x + 0.5)"),
        # One scale alone would only change its place.
        ("y*(3.0*x + 0.5)", "y*(3*x + 0.5)"),
        ("2*(3.0*x + 0.5)", "6*x + 1"),
    ],
)
def test_products(text: str, written: str) -> None:
    assert short(product_rule(parse(text, NAMES))) == short(parse(written, NAMES))


def test_e_to_a_fraction_moves_into_an_exponential_beside_it() -> None:
    node = Product((exact("exp(2)"), Call("exp", Variable(0))))
    assert short(product_rule(node)) == "exp(x + 2)"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sign(x)*Abs(x)", "x"),
        ("sign(x)*Abs(x)**3", "x**3"),
        ("sign(x)*Abs(x)**2", "Abs(x)**2*sign(x)"),
        ("sign(x)*x", "Abs(x)"),
        ("y*sign(x)*x**3", "y*Abs(x)**3"),
    ],
)
def test_signs_and_sizes(text: str, written: str) -> None:
    found = product_rule(parse(text, NAMES))
    assert short(found) == short(parse(written, NAMES))


@pytest.mark.parametrize("exponent", [-3, -2, -1, 1, 2, 3, 4])
@pytest.mark.parametrize("inner", [Variable(0), Call("abs", Variable(0))], ids=["x", "|x|"])
def test_a_sign_beside_any_power_keeps_the_values(inner: Variable | Call, exponent: int) -> None:
    node = Product((Call("sign", Variable(0)), Power(inner, exact(exponent))))
    found = product_rule(node)
    keeps(node, found, MIXED)
    # In odd powers the sign has its place.
    assert (Call("sign", Variable(0)) in walk(found)) == (exponent % 2 == 0)


@pytest.mark.parametrize(
    ("text", "rows", "written"),
    [
        ("sqrt(x**2)", POSITIVE, "x"),
        ("sqrt(x**2)", -POSITIVE, "-x"),
        ("sqrt(x**2)", MIXED, "Abs(x)"),
        ("sqrt(x*y)", POSITIVE, "sqrt(x)*sqrt(y)"),
        ("sqrt(x*y)", MIXED, "sqrt(x*y)"),
        ("(x**0.7)**1.3", POSITIVE, "x**0.91"),
        ("(x*y)**1.3", POSITIVE, "(x*y)**1.3"),
        ("(x*y)**2", MIXED, "(x*y)**2"),
    ],
)
def test_powers(text: str, rows: np.ndarray, written: str) -> None:
    found = power_rule(parse(text, NAMES), Signs(rows))
    keeps(parse(text, NAMES), found, rows)
    assert short(found) == short(parse(written, NAMES))


def test_what_is_another_kind_of_node_is_left_alone() -> None:
    for text in ("x", "2.5", "sin(x)"):
        node = parse(text, NAMES)
        assert sum_rule(node) is product_rule(node) is power_rule(node, Signs()) is node
