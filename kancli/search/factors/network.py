"""The network that a law is: its width, and its edges with their functions.

Sums of inputs are the nodes of a first layer, their products with powers those of the next, and the functions of
these multiply in the output. A layer that would only pass on what enters it is left out.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.search.edges import PowerEdge
from kancli.search.factors.atoms import Argument, Base
from kancli.search.factors.law import Exponent, Law, number
from kancli.search.powers.model import power_name
from kancli.search.trained import Shape
from kancli.symbolic.expression import (
    ONE,
    Call,
    Constant,
    Expression,
    Variable,
    add,
    call,
    constants,
    evaluate,
    exact,
    multiply,
    negate,
    power,
    with_constants,
)
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]
U = Variable(0)
# The relative step of a derivative.
STEP = 1e-6


def network(law: Law, x: Array, prediction: Array) -> tuple[Shape, list[PowerEdge]]:
    """The width of the network that a law is, and its edges at x (n, inputs), where its values are `prediction`."""
    outer = functions_of(law, x)
    sums = list(dict.fromkeys(replace(b, function="") for a in outer for b, _ in a.powers))
    has_sums = any(base.second is not None for base in sums)
    has_products = any(a.degree > 1 or a.powers[0][0].function for a in outer)
    layers, edges = [str(x.shape[1])], list[PowerEdge]()
    effects: dict[Base, Array] = {base: np.zeros(len(x)) for base in sums}
    first, last = int(has_sums), int(has_sums) + int(has_products)
    for place, (argument, function) in enumerate(outer.items()):
        u = argument_of(argument, x)
        slope = effect_of(u, function, prediction)
        own = node_before(argument, place, sums if has_sums else [], has_products)
        edges.append(edge(last, own, 0, function, u, quotient(prediction, values_of(function, u))))
        for base, p in argument.powers:
            inner = replace(base, function="")
            step = raised(Call(base.function, U) if base.function else U, Fraction(p), base.values(x))
            v = inner.values(x)
            effects[inner] = effects[inner] + slope * effect_of(v, step, u)
            if has_products:
                source = sums.index(inner) if has_sums else inner.first
                edges.append(edge(first, source, place, step, v, slope * quotient(u, values_of(step, v))))
    if has_sums:
        layers.append(str(len(sums)))
        for place, base in enumerate(sums):
            members = (
                [(base.first, 1)] if base.second is None else [(base.first, 1), (base.second, base.sign)]
            )
            for i, sign in members:
                term = multiply(exact(sign), power(U, exact(base.degree if base.second is not None else 1)))
                edges.append(edge(0, i, place, term, x[:, i], effects[base]))
    if has_products:
        layers.append(f"{len(outer)}p")
    order = sorted(edges, key=lambda e: e.layer)
    return Shape(",".join([*layers, "1p"])), order


def node_before(argument: Argument, place: int, sums: list[Base], has_products: bool) -> int:
    """The node before the output that an argument is: one of its own, else a sum, else an input."""
    if has_products:
        return place
    base = argument.powers[0][0]
    return sums.index(base) if sums else base.first


def functions_of(law: Law, x: Array) -> dict[Argument, Expression]:
    """y as a product of functions of arguments, as expressions in u."""
    found: dict[Argument, list[Expression]] = {}
    for i, p in enumerate(law.powers):
        if p:
            found.setdefault(Argument(((Base(i), 1),)), []).append(raised(U, p, x[:, i]))
    for atom, weight in zip(law.atoms, law.weights, strict=True):
        scale = Constant(atom.scale) if isinstance(atom.scale, float) else exact(atom.scale)
        inner = multiply(scale, U)
        if atom.function:
            inner = Call(atom.function, inner)
        if atom.beside:
            inner = add(ONE, inner if atom.beside > 0 else negate(inner))
        if atom.kind == "exponent":
            whole = call("exp", multiply(number(weight), inner))
        else:
            whole = raised(inner, weight, values_of(inner, argument_of(atom.argument, x)))
        found.setdefault(atom.argument, []).append(whole)
    return {argument: multiply(*parts) for argument, parts in found.items()}


def raised(base: Expression, p: Exponent, values: Array) -> Expression:
    """base^p; |base|^p where that has no value otherwise."""
    whole = isinstance(p, Fraction) and p.denominator == 1
    return power(base if whole or values.min() >= 0 else call("abs", base), number(p))


def argument_of(argument: Argument, x: Array) -> Array:
    """Values (n,) of an argument."""
    return np.array(np.broadcast_to(evaluate(argument.expression, x), len(x)))


def values_of(function: Expression, u: Array) -> Array:
    """A function of u (n,), (n,)."""
    with np.errstate(all="ignore"):
        return np.array(np.broadcast_to(evaluate(function, u[:, None]), len(u)))


def effect_of(u: Array, function: Expression, whole: Array) -> Array:
    """The derivative by u (n,) of a product `whole` (n,) that depends on it through one factor."""
    step = STEP * np.where(u == 0, 1.0, np.abs(u))
    value = values_of(function, u)
    slope = (values_of(function, u + step) - value) / step
    return np.nan_to_num(quotient(whole, value) * slope, nan=0.0, posinf=0.0, neginf=0.0)


def quotient(whole: Array, part: Array) -> Array:
    """The other factors of a product (n,)."""
    return np.divide(whole, part, out=np.zeros_like(whole), where=part != 0)


def edge(layer: int, source: int, target: int, function: Expression, u: Array, slope: Array) -> PowerEdge:
    """An edge with a function of u."""
    short = with_constants(function, [float(f"{c.value:.6g}") for c in constants(function)])
    text = render(short, ("u",))
    return PowerEdge(
        layer, source, target, name_of(function, text), text, 1.0, u, values_of(function, u), slope
    )


def name_of(function: Expression, text: str) -> str:
    """As the library calls it, where it is one power or one function; else what it is."""
    if function == U:
        return "x"
    match function:
        case Call(name, argument) if argument == U:
            return name
    for p in (2, 3, 4, -1, -2, -3, -4, Fraction(1, 2), Fraction(-1, 2)):
        if function == power(U, exact(p)):
            return power_name(float(p), known=True)
    return text
