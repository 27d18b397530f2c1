"""φ(x) = d + Σ c·chain(x)[·chain(x)…]: the elementary function on an edge, as a value.

A chain is f_k(a_k·…f_1(a_1·x + b_1)… + b_k), in which an argument may be a polynomial instead of a line.
`parameters()` holds only what is independent: c of every term, d, and of each step a, b, the polynomial's
coefficients and the exponent where the function leaves them free (see `library`). Three kinds of number are
read as decided rather than fitted, and are no parameters: a b or a polynomial's coefficient that is exactly 0,
the leading coefficient of a polynomial in a function whose scale is redundant (it is 1 or -1), and an exponent
that is exactly a small fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.library.functions import Array, Function, function_of


@dataclass(frozen=True)
class Step:
    """u ← f(b + a·u + higher[0]·u² + higher[1]·u³ + …).

    `exponent` belongs to "power" alone, `definition` (a text) to a user's function.
    """

    function: str
    a: float
    b: float
    exponent: float | None = None
    definition: str | None = None
    higher: tuple[float, ...] = ()

    @property
    def of(self) -> Function:
        """The library function of this step."""
        return function_of(self.function, self.definition)

    @property
    def is_line(self) -> bool:
        """Is its function the identity."""
        return self.of.is_line

    def argument(self, u: Array) -> Array:
        """What the function is taken of, at u (n,)."""
        if not self.higher:
            return self.a * u + self.b
        total = np.full(np.shape(u), self.higher[-1])
        for coefficient in (*self.higher[-2::-1], self.a, self.b):
            total = total * u + coefficient
        return total

    def argument_slope(self, u: Array) -> Array | float:
        """The derivative of `argument` by u."""
        slope: Array | float = self.a
        for degree, coefficient in enumerate(self.higher, 2):
            slope = slope + degree * coefficient * u ** (degree - 1)
        return slope

    def value(self, u: Array) -> Array:
        """f of the argument at u (n,), NaN outside the domain."""
        return self.of.value(self.argument(u), 1.0 if self.exponent is None else self.exponent)

    def free(self) -> tuple[str, ...]:
        """The independent parameters among a, b, exponent and the higher coefficients, these by their degree."""
        names = []
        scaled = self.of.scale == "free"
        if self.a != 0.0 if self.higher else scaled:
            names.append("a")
        # A constant beside a straight line or a polynomial matters where it is one factor of several.
        if (self.of.shift == "free" or self.is_line) and self.b != 0.0:
            names.append("b")
        if self.exponent is not None and not is_small_fraction(self.exponent):
            names.append("exponent")
        last = len(self.higher) - 1
        names += [
            str(k + 2)
            for k, coefficient in enumerate(self.higher)
            if coefficient != 0.0 and (scaled or k < last)
        ]
        return tuple(names)

    def parameter(self, name: str) -> float:
        """The value of one of `free()`."""
        return self.higher[int(name) - 2] if name.isdigit() else float(getattr(self, name))

    @property
    def complexity(self) -> int:
        """The function's, and one for every number to be written: a other than 1, b, a broken exponent.

        Every power in a polynomial weighs three, its coefficient one where it is not 1.
        """
        scaled = self.of.scale == "free" or self.a < 0
        powers = 0
        if self.higher:
            scaled = self.a not in (0.0, 1.0)
            powers = sum(3 + (q not in (1.0, -1.0)) for q in self.higher if q != 0.0) - (self.a == 0.0)
        return self.of.complexity + scaled + powers + (self.b != 0.0) + ("exponent" in self.free())

    @property
    def name(self) -> str:
        """The function's name, for "power" with its exponent: x^1.5."""
        if self.exponent is None:
            return self.function if not self.higher else self._polynomial_name()
        if is_small_fraction(self.exponent):
            fraction = small_fraction(self.exponent)
            return f"x^{fraction}" if fraction.denominator == 1 else f"x^({fraction})"
        return f"x^{self.exponent:.4g}"

    def _polynomial_name(self) -> str:
        powers = ["x"] if self.a != 0.0 else []
        powers += [f"x^{degree}" for degree, q in enumerate(self.higher, 2) if q != 0.0]
        inner = " + ".join(powers)
        return inner if self.is_line else f"{self.function}({inner})"


@dataclass(frozen=True)
class Term:
    """c times a chain of steps, innermost first, times the chains in `factors`."""

    c: float
    steps: tuple[Step, ...]
    factors: tuple[tuple[Step, ...], ...] = ()

    @property
    def chains(self) -> tuple[tuple[Step, ...], ...]:
        """All chains that are multiplied."""
        return (self.steps, *self.factors)

    @property
    def complexity(self) -> int:
        """Its steps', and one for every multiplication of chains."""
        return len(self.factors) + sum(step.complexity for chain in self.chains for step in chain)

    @property
    def is_line(self) -> bool:
        """Is it c·x and no more."""
        return len(self.steps) == 1 and self.steps[0] == Step("x", 1.0, 0.0) and not self.factors

    @property
    def is_polynomial(self) -> bool:
        """Is it made of sums and positive powers alone."""
        return all(
            step.of.degree is not None and step.of.degree >= 1.0 for chain in self.chains for step in chain
        )

    @property
    def name(self) -> str:
        """Readable, without constants: "x*sin", "sqrt(x^2)"."""
        names = [_chain_name(chain) for chain in self.chains]
        if len(names) == 1:
            return names[0]
        return "*".join(f"({name})" if " + " in name and not name.endswith(")") else name for name in names)


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
            for chain in term.chains:
                for step in chain:
                    values.extend(step.parameter(name) for name in step.free())
        return np.array([*values, self.d])

    def with_parameters(self, theta: Array) -> Activation:
        """The same form with other numbers, in the order of `parameters()`."""
        values = iter(float(value) for value in theta)
        terms = []
        for term in self.terms:
            c = next(values)
            chains = tuple(
                tuple(_with(step, {name: next(values) for name in step.free()}) for step in chain)
                for chain in term.chains
            )
            terms.append(Term(c, chains[0], chains[1:]))
        return Activation(tuple(terms), next(values))

    def evaluate(self, x: Array) -> Array:
        """φ at x (n,). An argument outside a function's domain counts as the domain's nearest end.

        So a joint re-fit never meets a NaN because one activation is -1e-12 under a root; `inside` tells
        the rows apart.
        """
        total = np.full(np.shape(x), self.d)
        with np.errstate(all="ignore"):
            for term in self.terms:
                product: Array | float = term.c
                for chain in term.chains:
                    product = product * _chain_value(chain, x)
                total = total + product
        return total

    def inside(self, x: Array) -> NDArray[np.bool_]:
        """Which rows of x (n,) lie in the domain of every step."""
        inside = np.ones(np.shape(x), dtype=bool)
        with np.errstate(all="ignore"):
            for term in self.terms:
                for chain in term.chains:
                    u = x
                    for step in chain:
                        inside &= step.of.inside(step.argument(u))
                        u = step.value(u)
        return inside

    def derivatives(self, x: Array) -> tuple[Array, Array, Array]:
        """Value (n,), dφ/dx (n,) and the derivatives by `parameters()` (n, p); zero where clamped."""
        value = np.full(np.shape(x), self.d)
        slope = np.zeros(np.shape(x))
        columns: list[Array] = []
        with np.errstate(all="ignore"):
            for term in self.terms:
                parts = [_chain(chain, x) for chain in term.chains]
                product = _product([part[0] for part in parts], x)
                value = value + term.c * product
                columns.append(product)
                for k, (_, chain_slope, inner) in enumerate(parts):
                    others = term.c * _product([part[0] for j, part in enumerate(parts) if j != k], x)
                    slope = slope + others * chain_slope
                    columns.extend(others * column for column in inner)
        columns.append(np.ones(np.shape(x)))
        return value, slope, np.stack(columns, axis=-1)

    @property
    def complexity(self) -> int:
        """That of the functions as in the library, one per inner number, two per further term (c and +)."""
        further = 2 * max(0, len(self.terms) - 1)
        return further + sum(term.complexity for term in self.terms)

    @property
    def name(self) -> str:
        """Readable, without constants: "sin", "sqrt(x^2)", "x + sin", "x*exp", "constant"."""
        return " + ".join(term.name for term in self.terms) or "constant"


def is_small_fraction(p: float) -> bool:
    """Is p, to the last bit, a fraction with a denominator up to 6."""
    return bool(np.isfinite(p)) and float(small_fraction(p)) == p


def _with(step: Step, fitted: dict[str, float]) -> Step:
    return replace(
        step,
        a=fitted.get("a", step.a),
        b=fitted.get("b", step.b),
        exponent=fitted.get("exponent", step.exponent),
        higher=tuple(fitted.get(str(degree), q) for degree, q in enumerate(step.higher, 2)),
    )


def _product(values: Sequence[Array], x: Array) -> Array:
    total = np.ones(np.shape(x))
    for value in values:
        total = total * value
    return total


def _chain_value(steps: tuple[Step, ...], x: Array) -> Array:
    """A chain's value, arguments outside a domain moved to its nearest end."""
    u = x
    for step in steps:
        function = step.of
        argument = np.clip(step.argument(u), function.low, function.high)
        u = function.value(argument, 1.0 if step.exponent is None else step.exponent)
    return u


def _chain(steps: tuple[Step, ...], x: Array) -> tuple[Array, Array, list[Array]]:
    """Value, derivative by x, and derivatives by the steps' free parameters, of one chain."""
    u, slope = x, np.ones(np.shape(x))
    columns: list[Array] = []
    for step in steps:
        function = step.of
        exponent = 1.0 if step.exponent is None else step.exponent
        raw = step.argument(u)
        argument = np.clip(raw, function.low, function.high)
        value = function.value(argument, exponent)
        derivative = function.derivative(argument, value, exponent)
        # At a clamped row, and where a root meets its branch point, the slope is taken as nought.
        derivative = np.where((raw == argument) & np.isfinite(derivative), derivative, 0.0)
        inwards = derivative * step.argument_slope(u)
        columns = [column * inwards for column in columns]
        for name in step.free():
            if name == "a":
                columns.append(derivative * u)
            elif name == "b":
                columns.append(derivative)
            elif name == "exponent":
                logarithm = np.log(np.where(argument > 0, argument, 1.0))
                columns.append(value * logarithm)
            else:
                columns.append(derivative * u ** int(name))
        slope = slope * inwards
        u = value
    return u, slope, columns


def _chain_name(steps: tuple[Step, ...]) -> str:
    name = steps[0].name
    for step in steps[1:]:
        # A straight line around a function is only an offset, and offsets have no name.
        name = name if step.name == "x" else f"{step.name}({name})"
    return name
