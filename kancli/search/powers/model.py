"""A power of the target as a sum of products of powers: as a formula, as values, and as the network that it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.edges import PowerEdge
from kancli.symbolic.expression import (
    Call,
    Constant,
    Expression,
    Variable,
    add,
    evaluate,
    exact,
    multiply,
    power,
    variables,
)
from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.forms.signomial import Signomial
from kancli.symbolic.library.activation import Step
from kancli.symbolic.library.functions import NAMED_POWERS, library

Array = NDArray[np.float64]

# Denominators of exponents that are taken for exact.
DENOMINATORS = (1, 2, 3)
# An input that varies by less, or is larger than this (radians), is hardly an angle.
LEAST_ANGLE, LARGEST_ANGLE = 0.3, 4 * math.pi


@dataclass(frozen=True)
class Sum:
    """y^root = `fitted`; the exponents marked in `exact` have exact values. `bits` on the rows of the search."""

    root: Fraction
    basis: Basis
    fitted: Signomial
    exact: NDArray[np.bool_]
    bits: float

    def expression(self) -> Expression:
        """y in the table's columns."""
        terms = []
        for factor, exponents, known, kind in zip(
            self.fitted.raw_factors(), self.fitted.exponents, self.exact, self.fitted.extras, strict=True
        ):
            powers = [
                power(Variable(i), exact(small_fraction(p)) if sure else Constant(float(p)))
                for i, p, sure in zip(self.basis.positive, exponents, known, strict=True)
                if p or not sure
            ]
            extra = [self.basis.extras[kind - 1]] if kind else []
            terms.append(multiply(Constant(float(factor)), *powers, *extra))
        return power(add(*terms), exact(1 / self.root))

    def values(self, x: Array) -> Array:
        """y at x (n, inputs); (n,)."""
        logs = np.log(x[:, list(self.basis.positive)])
        fronts = np.concatenate([np.ones((1, len(x))), self.basis.values(x)])[self.fitted.extras]
        whole: Array = self.fitted.raw_factors() @ (np.exp(self.fitted.exponents @ logs.T) * fronts)
        return whole if self.root == 1 else whole ** (1 / float(self.root))

    def edges(self, x: Array) -> list[PowerEdge]:
        """The edges of the network that it is, at x (n, inputs): powers into products, factors, and the root."""
        fitted, columns = self.fitted, self.basis.positive
        extras = self.basis.values(x)
        factors = fitted.raw_factors()
        products, inner = [], []
        for k, (exponents, known, kind) in enumerate(
            zip(fitted.exponents, self.exact, fitted.extras, strict=True)
        ):
            parts = [
                (i, power_name(p, sure), f"u**({p:.6g})", x[:, i], x[:, i] ** p)
                for i, p, sure in zip(columns, exponents, known, strict=True)
                if p or not sure
            ]
            if kind:
                extra = self.basis.extras[kind - 1]
                name = (
                    extra.function
                    if isinstance(extra, Call)
                    else "x"
                    if isinstance(extra, Variable)
                    else "x^2"
                )
                text = f"{name}(u)" if isinstance(extra, Call) else "u" if name == "x" else "u**2"
                parts.append((variables(extra)[0], name, text, x[:, variables(extra)[0]], extras[kind - 1]))
            product = np.prod([np.ones(len(x)), *(value for *_, value in parts)], axis=0)
            products.append(product)
            inner += [(k, part, product) for part in parts]
        total = np.asarray(factors @ np.stack(products))
        power_of = 1 / float(self.root)
        outer = np.ones_like(total) if self.root == 1 else power_of * total ** (power_of - 1)
        found = []
        for k, (i, name, text, u, value), product in inner:
            rest = np.divide(product, value, out=np.zeros_like(product), where=value != 0)
            found.append(PowerEdge(0, i, k, name, text, 1.0, u, value, outer * factors[k] * rest))
        for k, product in enumerate(products):
            found.append(
                PowerEdge(1, k, 0, "x", "u", float(factors[k]), product, factors[k] * product, outer)
            )
        if self.root != 1:
            name = power_name(power_of, known=True)
            value = total**power_of
            found.append(
                PowerEdge(2, 0, 0, name, f"u**({power_of:.6g})", 1.0, total, value, np.ones_like(total))
            )
        return found


@dataclass(frozen=True)
class Basis:
    """What terms are made of: powers of the inputs `positive`, and one of the expressions `extras`, at most."""

    positive: tuple[int, ...]
    extras: tuple[Expression, ...]

    @staticmethod
    def of(dataset: Dataset, options: FitOptions) -> Basis:
        """Powers of inputs above 0; the others as they are or squared; sine and cosine of what may be an angle."""
        positive = tuple(i for i, own in enumerate(dataset.x.T) if (own > 0).all())
        extras: list[Expression] = []
        for i, own in enumerate(dataset.x.T):
            if i not in positive:
                extras += [Variable(i), power(Variable(i), exact(2))]
            if float(np.ptp(own)) >= LEAST_ANGLE and float(abs(own).max()) <= LARGEST_ANGLE:
                extras += [Call(name, Variable(i)) for name in ("cos", "sin") if allowed(name, options)]
        return Basis(positive, tuple(extras))

    def values(self, x: Array) -> Array:
        """The extra factors at x (n, inputs); (extras, n)."""
        if not self.extras:
            return np.empty((0, len(x)))
        return np.stack([np.broadcast_to(evaluate(extra, x), len(x)) for extra in self.extras])


def power_name(exponent: float, known: bool) -> str:
    """x^2, x^(3/2), sqrt, 1/x …: as the library calls them."""
    if known and (named := NAMED_POWERS.get(exponent)) is not None:
        return named
    return Step("power", 1.0, 0.0, float(exponent)).name


def allowed(name: str, options: FitOptions) -> bool:
    """Whether a function may be used."""
    return name in {function.name for function in library(options.lib, options.exclude, options.functions)}
