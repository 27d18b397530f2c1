"""A boundary value problem as expressions: `u_xx + u_yy = f` in a box, with conditions on its sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.errors import RecipeError
from kancli.symbolic.expression import (
    Constant,
    Expression,
    Sum,
    Variable,
    compiled,
    constants,
    evaluate,
    subtract,
    variables,
    walk,
)
from kancli.symbolic.expression.tree import children, rebuilt
from kancli.symbolic.text.parser import ParseError, parse

Array = NDArray[np.float64]
Jet = tuple[int, ...]
"""A derivative of the unknown: the coordinates that it is taken in, () for the unknown itself, (0, 0) for u_xx."""


@dataclass(frozen=True)
class Equation:
    """`law` = 0, an expression in the coordinates and in the jets, which follow them in this order."""

    law: Expression
    jets: tuple[Jet, ...]
    text: str


@dataclass(frozen=True)
class Condition:
    """An equation on the side `coordinate` = `at` of the box."""

    coordinate: int
    at: float
    equation: Equation


@dataclass(frozen=True)
class Problem:
    """An equation inside a box (`low`, `high` per coordinate), and conditions on its sides."""

    unknown: str
    coordinates: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    inside: Equation
    conditions: tuple[Condition, ...]


def problem_of(
    equation: str, unknown: str, box: Mapping[str, Sequence[float]], conditions: Sequence[str]
) -> Problem:
    """The problem of texts; a condition is `x = 0: u = sin(y)`. Raises RecipeError for what cannot be read."""
    names = tuple(box)
    sides = []
    for text in conditions:
        place, colon, law = text.partition(":")
        coordinate, equals, value = (part.strip() for part in place.partition("="))
        if not colon or not equals or coordinate not in names:
            raise RecipeError(f"conditions: {text!r} must have the form 'x = 0: {unknown} = 1'")
        at = number(value, text)
        sides.append(Condition(names.index(coordinate), at, equation_of(law, unknown, names)))
    low, high = zip(*((float(a), float(b)) for a, b in box.values()), strict=True)
    return Problem(unknown, names, low, high, equation_of(equation, unknown, names), tuple(sides))


def number(text: str, where: str) -> float:
    """A number such as -1 or pi/2."""
    try:
        return float(evaluate(parse(text, ()), np.zeros((1, 1)))[0])
    except ParseError as problem:
        raise RecipeError(f"{where}: {problem.message}") from None


def equation_of(text: str, unknown: str, coordinates: Sequence[str]) -> Equation:
    """An equation in the unknown, its first and second derivatives, and the coordinates."""
    left, equals, right = text.partition("=")
    if not equals:
        raise RecipeError(
            f"{text.strip()!r} has no =", f"an equation is written {unknown}_xx + {unknown} = 0"
        )
    count = len(coordinates)
    jets = [jet for size in range(3) for jet in combinations_with_replacement(range(count), size)]
    names = [*coordinates, *(jet_name(jet, unknown, coordinates) for jet in jets)]
    try:
        law = subtract(parse(left.strip(), names), parse(right.strip(), names))
    except ParseError as problem:
        raise RecipeError(f"{text.strip()!r}: {problem.message}") from None
    used = [i - count for i in variables(law) if i >= count]
    places: dict[int, int] = {count + i: count + k for k, i in enumerate(used)}
    return Equation(renumbered(law, places), tuple(jets[i] for i in used), text.strip())


def renumbered(law: Expression, places: Mapping[int, int]) -> Expression:
    """The expression with other numbers of its variables."""
    if isinstance(law, Variable):
        return Variable(places.get(law.index, law.index))
    parts = children(law)
    return rebuilt(law, [renumbered(part, places) for part in parts]) if parts else law


def jet_name(jet: Jet, unknown: str, coordinates: Sequence[str]) -> str:
    """u, u_x, u_xy."""
    return unknown + ("_" + "".join(coordinates[i] for i in jet) if jet else "")


def residual_and_slopes(equation: Equation, x: Array, jets: Array) -> tuple[Array, Array]:
    """What is left of an equation (n,) at x (n, d), and its derivatives (n, jets) by the jets, given their values.

    Each occurrence of a jet gets a constant 0 added, whose derivative is that with respect to the jet.
    """
    count = x.shape[1]

    def marked(node: Expression) -> Expression:
        if isinstance(node, Variable) and node.index >= count:
            return Sum((node, Constant(0.0)))
        if isinstance(node, Constant) and node.free:
            return Constant(node.value, "1")  # a number that no derivative is taken for; it is not printed
        parts = children(node)
        return rebuilt(node, [marked(part) for part in parts]) if parts else node

    whole = marked(equation.law)
    owners = [
        node.terms[0].index - count
        for node in walk(whole)
        if isinstance(node, Sum) and len(node.terms) == 2 and node.terms[1] == Constant(0.0)
        and isinstance(node.terms[0], Variable)
    ]  # fmt: skip
    free = [c.value for c in constants(whole)]
    values, slopes = compiled(whole, np.hstack([x, jets])).value_and_jacobian(free)
    found = np.zeros((len(x), len(equation.jets)))
    for owner, column in zip(owners, slopes.T, strict=True):
        found[:, owner] += column
    return values, found
