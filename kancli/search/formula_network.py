"""The network that a formula is: sums and products of several inputs are nodes, what leads to them are edges.

A part of a formula in one input is a single edge, whatever it contains, and so is a function around a node. Nodes
that skip layers are passed on by edges that change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kancli.search.edges import PowerEdge
from kancli.symbolic.expression import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    add,
    constants,
    evaluate,
    multiply,
    substitute,
    variables,
    with_constants,
)
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]
U = Variable(0)
# The relative step of a derivative.
STEP = 1e-6


@dataclass
class Node:
    """A node that adds or multiplies the functions of its sources, which are inputs or nodes."""

    multiplies: bool
    entering: list[tuple[Expression, int | Node]]
    value: Array = field(default_factory=lambda: np.empty(0))
    slope: Array = field(default_factory=lambda: np.empty(0))

    @property
    def level(self) -> int:
        """Its layer; the inputs are layer 0."""
        return 1 + max((s.level for _, s in self.entering if isinstance(s, Node)), default=0)


def network_of(expression: Expression, x: Array) -> tuple[str, list[PowerEdge]] | None:
    """The width and the edges at x (n, inputs); None for a constant."""
    if not variables(expression):
        return None
    function, source = parted(expression)
    top = source if isinstance(source, Node) and function == U else Node(False, [(function, source)])
    layers = layered(top)
    places: list[dict[int, int]] = []
    for layer in layers:
        layer.sort(key=lambda node: node.multiplies)
        places.append({id(node): k for k, node in enumerate(layer)})
    width = [str(x.shape[1])]
    for layer in layers:
        products = sum(node.multiplies for node in layer)
        sums = len(layer) - products
        width.append(
            f"{sums}+{products}p" if sums and products else f"{products}p" if products else str(sums)
        )
        for node in layer:
            values = [at(f, entry(s, x)) for f, s in node.entering]
            node.value = np.prod(values, axis=0) if node.multiplies else np.sum(values, axis=0)
            node.slope = np.zeros(len(x))
    top.slope = np.ones(len(x))
    edges: list[PowerEdge] = []
    for depth in reversed(range(len(layers))):
        for place, node in enumerate(layers[depth]):
            values = [at(f, entry(s, x)) for f, s in node.entering]
            for k, (function, source) in enumerate(node.entering):
                others = np.prod(values[:k] + values[k + 1 :], axis=0) if node.multiplies else 1.0
                u, slope = entry(source, x), node.slope * others
                begin = places[depth - 1][id(source)] if isinstance(source, Node) else source
                edges.append(edge(depth, begin, place, function, u, values[k], slope))
                if isinstance(source, Node):
                    step = STEP * np.where(u == 0, 1.0, np.abs(u))
                    by_u = (at(function, u + step) - at(function, u - step)) / (2 * step)
                    source.slope = source.slope + np.nan_to_num(slope * by_u, posinf=0.0, neginf=0.0)
    return ",".join(width), sorted(edges, key=lambda e: e.layer)


def parted(expression: Expression) -> tuple[Expression, int | Node]:
    """A function of u, and the input or node that u is."""
    inputs = variables(expression)
    if len(inputs) == 1:
        return in_u(expression, inputs[0]), inputs[0]
    match expression:
        case Call(name, argument):
            function, source = parted(argument)
            return Call(name, function), source
        case Power(base, exponent) if not variables(exponent):
            function, source = parted(base)
            return Power(function, exponent), source
        case Power(base, exponent):
            return parted(Call("exp", multiply(exponent, Call("log", base))))
        case Product(parts):
            return gathered(parts, multiplies=True)
        case Sum(parts):
            return gathered(parts, multiplies=False)
    raise ValueError("an expression without inputs is no function of one")


def gathered(parts: tuple[Expression, ...], *, multiplies: bool) -> tuple[Expression, int | Node]:
    """The sum or product of parts as a node, parts of one input together; constants belong to the first edge, or,
    where but one part is left, to what is around that."""
    together = multiply if multiplies else add
    known = together(*(p for p in parts if not variables(p)))
    rest = [p for p in parts if variables(p)]
    if len(rest) == 1:
        function, source = parted(rest[0])
        if isinstance(source, Node) and function == U and (multiplies or not source.multiplies):
            # A factor of a sum is one of each term; else the first edge takes it.
            every = multiplies and not source.multiplies
            source.entering = [
                (together(known, f) if every or not k else f, s) for k, (f, s) in enumerate(source.entering)
            ]
            return U, source
        return together(known, function), source
    single: dict[int, list[Expression]] = {}
    entering: list[tuple[Expression, int | Node]] = []
    for part in rest:
        inputs = variables(part)
        if len(inputs) == 1:
            single.setdefault(inputs[0], []).append(part)
        else:
            entering.append(parted(part))
    entering[:0] = [(in_u(together(*several), i), i) for i, several in single.items()]
    (function, source), *others = entering
    return U, Node(multiplies, [(together(known, function), source), *others])


def in_u(expression: Expression, i: int) -> Expression:
    """An expression in input i as one in u."""
    replacements: Mapping[Expression, Expression] = {Variable(i): U}
    return substitute(expression, replacements)


def layered(top: Node) -> list[list[Node]]:
    """All nodes by layer, with those added that pass on what skips layers."""
    layers: list[list[Node]] = [[] for _ in range(top.level)]

    def visit(node: Node, level: int) -> None:
        layers[level - 1].append(node)
        for k, (function, source) in enumerate(node.entering):
            below = source.level if isinstance(source, Node) else 0
            if below < level - 1:
                source = Node(False, [(U, source)])
                node.entering[k] = (function, source)
            if isinstance(source, Node):
                visit(source, level - 1)

    visit(top, top.level)
    return layers


def entry(source: int | Node, x: Array) -> Array:
    """Values (n,) of an input or a node."""
    return source.value if isinstance(source, Node) else x[:, source]


def at(function: Expression, u: Array) -> Array:
    """A function of u (n,), (n,)."""
    with np.errstate(all="ignore"):
        return np.array(np.broadcast_to(evaluate(function, u[:, None]), len(u)), dtype=np.float64)


def edge(
    layer: int, source: int, target: int, function: Expression, u: Array, value: Array, slope: Array
) -> PowerEdge:
    """An edge with a function of u, written with six digits."""
    short = with_constants(function, [float(f"{c.value:.6g}") for c in constants(function)])
    text = render(short, ("u",))
    return PowerEdge(layer, source, target, name_of(function, text), text, 1.0, u, value, slope)


def name_of(function: Expression, text: str) -> str:
    """As the library calls it where it is one function; else what it is."""
    match function:
        case Variable():
            return "x"
        case Call(name, Variable()):
            return name
        case Power(Variable(), Constant(value)) if value in (2.0, 3.0, 4.0):
            return f"x^{value:.0f}"
        case Power(Variable(), Constant(-1.0)):
            return "1/x"
    return text
