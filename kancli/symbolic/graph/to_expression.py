"""From a fully symbolic graph in scaled units to an expression in the data's own units."""

from __future__ import annotations

from kancli.symbolic.expression import Constant, Expression, Variable, add, exact, multiply, power, substitute
from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.expression.tree import exact_of
from kancli.symbolic.graph.graph import Graph
from kancli.symbolic.library.activation import Activation, Step, is_small_fraction
from kancli.symbolic.library.user import VARIABLES
from kancli.symbolic.text.parser import parse


def expression_of(
    graph: Graph, input_scale: tuple[float, ...], target_shift: float, target_scale: float
) -> Expression:
    """The formula y = shift + scale·graph(x / input_scale), every number in it a free constant.

    Raises ValueError while an edge is still a spline: there is no formula to give.
    """
    values: list[Expression] = [
        Variable(i) if s == 1.0 else multiply(Constant(1 / s), Variable(i)) for i, s in enumerate(input_scale)
    ]
    for node in range(graph.inputs, graph.nodes):
        parts = []
        for i in graph.into(node):
            edge = graph.edges[i]
            if not isinstance(edge.curve, Activation):
                raise ValueError(f"edge {edge.origin[0]} is still a spline")
            parts.append(activation_expression(edge.curve, values[edge.source]))
        values.append(multiply(*parts) if node in graph.products else add(*parts))
    return add(multiply(Constant(target_scale), values[-1]), Constant(target_shift))


def activation_expression(activation: Activation, argument: Expression) -> Expression:
    """d + Σ c·Π chain(argument)."""
    terms = []
    for term in activation.terms:
        product: list[Expression] = [Constant(term.c)]
        for chain in term.chains:
            u = argument
            for step in chain:
                u = step_expression(step, u)
            product.append(u)
        terms.append(multiply(*product))
    return add(*terms, Constant(activation.d))


def step_expression(step: Step, u: Expression) -> Expression:
    """f(b + a·u + …); numbers that the function makes redundant, or that are decided, are not constants."""
    powers = [(degree, q) for degree, q in enumerate((step.a, *step.higher), 1) if q != 0.0]
    argument = add(*(multiply(_coefficient(q), power(u, exact(degree))) for degree, q in powers))
    if step.b != 0.0:
        argument = add(argument, Constant(step.b))
    if step.exponent is not None:
        p = step.exponent
        exponent: Expression = exact(small_fraction(p)) if is_small_fraction(p) else Constant(p)
        return power(argument, exponent)
    template = parse(step.of.template, VARIABLES)
    return substitute(template, {Variable(i): argument for i in range(len(VARIABLES))})


def _coefficient(value: float) -> Expression:
    return exact(int(value)) if value in (1.0, -1.0) else Constant(value)


__all__ = ["activation_expression", "exact_of", "expression_of", "step_expression"]
