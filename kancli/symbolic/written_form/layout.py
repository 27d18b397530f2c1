"""The last touches of the written form: one denominator, one root, factors in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kancli.symbolic.expression.algebra import multiply
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import (
    HALF,
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    exact,
    exact_of,
    integer_of,
    rational_of,
    rebuilt,
)
from kancli.symbolic.rewrite.canonical import ordered
from kancli.symbolic.written_form.preference import preferred


def laid_out(expression: Expression) -> Expression:
    """The same factors, grouped as they are printed; no longer than before."""
    return _in_reading_order(ordered(_grouped(expression)))


def _grouped(node: Expression) -> Expression:
    parts = [_grouped(part) for part in children(node)]
    node = rebuilt(node, parts) if parts else node
    if isinstance(node, Product):
        node = preferred(node, *_one_root(node))
    return _one_denominator(node) if isinstance(node, Product) else node


def _one_denominator(node: Product) -> Expression:
    """u·v⁻¹·w⁻¹ → u·(v·w)⁻¹: one inverse for all of them."""
    below = [factor for factor in node.factors if isinstance(factor, Power) and factor.exponent == MINUS_ONE]
    if len(below) < 2:
        return node
    above = tuple(factor for factor in node.factors if factor not in below)
    joined = Power(Product(tuple(factor.base for factor in below)), MINUS_ONE)
    return Product((*above, joined)) if above else joined


def _one_root(node: Product) -> Iterator[Expression]:
    """√2·√u → √(2·u): the irrational part of the number under the one root that is there anyway."""
    number = exact_of(node.factors[0])
    roots = [factor for factor in node.factors if _is_root(factor)]
    if number is None or len(roots) != 1:
        return
    (root,) = roots
    if not isinstance(root, Power):
        return
    up = root.exponent == HALF
    for square in _squares(number):
        if not up and (
            square.rational.denominator > 1 or square.pi < 0
        ):  # no quotient under a root under a fraction line
            continue
        surd = square.power(Fraction(1, 2) if up else Fraction(-1, 2))
        inverse = None if surd is None else surd.power(Fraction(-1))
        if inverse is None:
            continue
        left = number * inverse
        inside = Power(multiply(exact(square), root.base), root.exponent)
        others = [inside if factor is root else factor for factor in node.factors[1:]]
        kept = [] if left == Exact(Fraction(1)) else [exact(left)]
        yield Product((*kept, *others)) if len(kept) + len(others) > 1 else inside


def _is_root(factor: Expression) -> bool:
    exponent = rational_of(factor.exponent) if isinstance(factor, Power) else None
    return exponent is not None and abs(exponent) == Fraction(1, 2)


def _squares(number: Exact) -> Iterator[Exact]:
    """What may stand under a root instead of the irrational part of the number before it."""
    pi = Fraction(number.pi.denominator == 2)
    if number.root == 1 and not pi:
        return
    for root in (Fraction(number.root), Fraction(1, number.root)):
        for exponent in {pi, -pi}:
            yield Exact(root, pi=exponent)


def _in_reading_order(node: Expression) -> Expression:
    parts = [_in_reading_order(part) for part in children(node)]
    if isinstance(node, Product):
        return Product(tuple(sorted(parts, key=_place)))
    return rebuilt(node, parts) if parts else node


def _place(factor: Expression) -> int:
    """Numbers, variables, sums, roots, calls: in m·(u + v)·sin(w) nothing follows the sine."""
    base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
    match base:
        case Constant():
            return 0
        case Variable():
            return 1
        case Call():
            return 4
        case Sum() | Product() if integer_of(exponent) is not None:
            return 2
    return 3
