"""φ(x) = d + Σ c·chain(x): the elementary function on an edge, as a value.

A chain is f_k(a_k·…f_1(a_1·x + b_1)… + b_k). `parameters()` holds only what is independent: c of every term,
d, and of each step a, b and the exponent where the function leaves them free (see `library`). Two kinds of
number are read as decided rather than fitted, and are no parameters: a b that is exactly 0 (the function goes
through the origin of its argument), and an exponent that is exactly a small fraction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.library import Array, Function, function_of

LARGEST_DENOMINATOR = 6


@dataclass(frozen=True)
class Step:
    """u ← f(a·u + b). `exponent` belongs to "power" alone, `definition` (a text) to a user's function."""

    function: str
    a: float
    b: float
    exponent: float | None = None
    definition: str | None = None

    @property
    def of(self) -> Function:
        """The library function of this step."""
        return function_of(self.function, self.definition)

    def free(self) -> tuple[str, ...]:
        """The names of the independent parameters among a, b and exponent."""
        names = []
        if self.of.scale == "free":
            names.append("a")
        if self.of.shift == "free" and self.b != 0.0:
            names.append("b")
        if self.exponent is not None and not is_small_fraction(self.exponent):
            names.append("exponent")
        return tuple(names)

    @property
    def complexity(self) -> int:
        """The function's, and one for every number to be written: a other than 1, b, a broken exponent."""
        scaled = self.of.scale == "free" or self.a < 0
        return self.of.complexity + scaled + (self.b != 0.0) + ("exponent" in self.free())

    @property
    def name(self) -> str:
        """The function's name, for "power" with its exponent: x^1.5."""
        if self.exponent is None:
            return self.function
        if is_small_fraction(self.exponent):
            fraction = small_fraction(self.exponent)
            return f"x^{fraction}" if fraction.denominator == 1 else f"x^({fraction})"
        return f"x^{self.exponent:.4g}"


@dataclass(frozen=True)
class Term:
    """c times a chain of steps, innermost first."""

    c: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Activation:
    """φ(x) = d + Σ terms; without terms a constant, a straight line is one term with the function "x"."""

    terms: tuple[Term, ...]
    d: float

    def parameters(self) -> Array:
        """The independent parameters (p,): for each term c, then its steps' free ones; d last."""
        values = []
        for term in self.terms:
            values.append(term.c)
            for step in term.steps:
                values.extend(getattr(step, name) for name in step.free())
        return np.array([*values, self.d])

    def with_parameters(self, theta: Array) -> Activation:
        """The same form with other numbers, in the order of `parameters()`."""
        values = iter(float(value) for value in theta)
        terms = []
        for term in self.terms:
            c = next(values)
            steps = tuple(_with(step, {name: next(values) for name in step.free()}) for step in term.steps)
            terms.append(Term(c, steps))
        return Activation(tuple(terms), next(values))

    def evaluate(self, x: Array) -> Array:
        """φ at x (n,). An argument outside a function's domain counts as the domain's nearest end.

        So a joint re-fit never meets a NaN because one activation is -1e-12 under a root; `inside` tells
        the rows apart.
        """
        total = np.full(np.shape(x), self.d)
        with np.errstate(all="ignore"):
            for term in self.terms:
                u = x
                for step in term.steps:
                    function = step.of
                    argument = np.clip(step.a * u + step.b, function.low, function.high)
                    u = function.value(argument, 1.0 if step.exponent is None else step.exponent)
                total = total + term.c * u
        return total

    def inside(self, x: Array) -> NDArray[np.bool_]:
        """Which rows of x (n,) lie in the domain of every step."""
        inside = np.ones(np.shape(x), dtype=bool)
        with np.errstate(all="ignore"):
            for term in self.terms:
                u = x
                for step in term.steps:
                    argument = step.a * u + step.b
                    inside &= step.of.inside(argument)
                    u = step.of.value(argument, 1.0 if step.exponent is None else step.exponent)
        return inside

    def derivatives(self, x: Array) -> tuple[Array, Array, Array]:
        """Value (n,), dφ/dx (n,) and the derivatives by `parameters()` (n, p); zero where clamped."""
        value = np.full(np.shape(x), self.d)
        slope = np.zeros(np.shape(x))
        columns: list[Array] = []
        with np.errstate(all="ignore"):
            for term in self.terms:
                u, chain, inner = _chain(term.steps, x)
                value = value + term.c * u
                slope = slope + term.c * chain
                columns.append(u)
                columns.extend(term.c * column for column in inner)
        columns.append(np.ones(np.shape(x)))
        return value, slope, np.stack(columns, axis=-1)

    @property
    def complexity(self) -> int:
        """Functions weigh what the library says, every inner number one, every further term two (c and +)."""
        further = 2 * max(0, len(self.terms) - 1)
        return further + sum(step.complexity for term in self.terms for step in term.steps)

    @property
    def name(self) -> str:
        """Readable, without constants: "sin", "sqrt(x^2)", "x + sin", "constant"."""
        return " + ".join(_chain_name(term.steps) for term in self.terms) or "constant"


@lru_cache(maxsize=4096)
def small_fraction(p: float) -> Fraction:
    """The nearest fraction with a denominator up to 6."""
    return Fraction(p).limit_denominator(LARGEST_DENOMINATOR)


def is_small_fraction(p: float) -> bool:
    """Is p, to the last bit, a fraction with a denominator up to 6."""
    return bool(np.isfinite(p)) and float(small_fraction(p)) == p


def _with(step: Step, fitted: dict[str, float]) -> Step:
    return replace(
        step,
        a=fitted.get("a", step.a),
        b=fitted.get("b", step.b),
        exponent=fitted.get("exponent", step.exponent),
    )


def _chain(steps: tuple[Step, ...], x: Array) -> tuple[Array, Array, list[Array]]:
    """Value, derivative by x, and derivatives by the steps' free parameters, of one chain."""
    u, slope = x, np.ones(np.shape(x))
    columns: list[Array] = []
    for step in steps:
        function = step.of
        exponent = 1.0 if step.exponent is None else step.exponent
        raw = step.a * u + step.b
        argument = np.clip(raw, function.low, function.high)
        value = function.value(argument, exponent)
        derivative = function.derivative(argument, exponent)
        # At a clamped row, and where a root meets its branch point, the slope is taken as nought.
        derivative = np.where((raw == argument) & np.isfinite(derivative), derivative, 0.0)
        columns = [column * derivative * step.a for column in columns]
        for name in step.free():
            if name == "a":
                columns.append(derivative * u)
            elif name == "b":
                columns.append(derivative)
            else:
                logarithm = np.log(np.where(argument > 0, argument, 1.0))
                columns.append(value * logarithm)
        slope = slope * derivative * step.a
        u = value
    return u, slope, columns


def _chain_name(steps: tuple[Step, ...]) -> str:
    name = steps[0].name
    for step in steps[1:]:
        name = f"{step.name}({name})"
    return name
