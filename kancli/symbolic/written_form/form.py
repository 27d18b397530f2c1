"""The form in which a formula is printed.

Equal formulas should print equally and as a person would write them: one fraction line, common numbers before
a sum instead of in each of its terms, c − v rather than −(v − c), no sine of an arctangent. Each rule only
proposes; a proposal is taken where `preferred` ranks it before what there is and the values on the data agree.
Every step makes the preference smaller, so the steps end, and the form that they end in stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Expression, Product, children, complexity
from kancli.symbolic.rewrite.canonical import canonical_with, ordered
from kancli.symbolic.rewrite.gather import common_power, gathered
from kancli.symbolic.rewrite.hyperbolic import without_hyperbolics
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.rewrite.simplify import agrees
from kancli.symbolic.written_form.inverses import algebraic
from kancli.symbolic.written_form.layout import laid_out
from kancli.symbolic.written_form.openings import leading, opened
from kancli.symbolic.written_form.preference import Rule, everywhere, merged, preferred, weight

# Formulas settle in two or three rounds; more nodes than these are read by nobody and take too long.
_ROUNDS = 6
_MOST_NODES = 400


def written(expression: Expression, x: NDArray[np.float64]) -> Expression:
    """The expression as it is printed: the same values on the rows of x (n, d), no more free constants.

    Its `weight` never grows; its nodes may, by minus signs and where an inverse function leaves its partner.
    """
    if complexity(expression) > _MOST_NODES:
        return expression
    signs = Signs(x)
    reference = evaluate(expression, x)
    found = leading(_merged_throughout(ordered(expression)))
    for _ in range(_ROUNDS):
        before = found
        for rule in _rules(signs):
            form = rule(found)
            if preferred(found, form) != found and agrees(evaluate(form, x), reference):
                found = form
        if found == before:
            break
    found = laid_out(found)
    if weight(found) > weight(expression) or not agrees(evaluate(found, x), reference):
        return laid_out(expression)
    return found


def _rules(signs: Signs) -> tuple[Callable[[Expression], Expression], ...]:
    return (
        without_hyperbolics,
        lambda form: canonical_with(form, signs),
        gathered,
        partial(everywhere, partial(_proposals, opened(signs))),
    )


def _proposals(opening: Rule, node: Expression) -> Iterator[Expression]:
    yield from opening(node)
    yield from _joined(node)
    for form in algebraic(node):
        yield form
        yield everywhere(opening, form)  # only then does it show its length


def _joined(node: Expression) -> Iterator[Expression]:
    """One root for factors that stand under roots of the same degree."""
    if isinstance(node, Product):
        yield common_power(node)


def _merged_throughout(node: Expression) -> Expression:
    return merged(node, map(_merged_throughout, children(node)))
