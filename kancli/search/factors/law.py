"""A product of powers, factors and an exponential, as a model of log|y| and as a formula for y."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.search.factors.atoms import Atom
from kancli.symbolic.expression import (
    Call,
    Constant,
    Expression,
    Product,
    Sum,
    Variable,
    add,
    call,
    constants,
    evaluate,
    exact,
    multiply,
    negate,
    power,
)

Array = NDArray[np.float64]
Exponent = Fraction | float
"""An exact exponent, or a fitted one."""

# Parts that change their sign, of which all combinations are tried.
MOST_CHANGING = 8
# A constant whose logarithm is less than this is 1.
UNIT = 1e-13


@dataclass(frozen=True)
class Law:
    """|y| = exp(constant) · Π |xᵢ|^powers[i] · Π |factor|^weight · exp(Σ weight·exponent), over the `atoms` with
    their `weights`."""

    constant: float
    powers: tuple[Exponent, ...]
    atoms: tuple[Atom, ...] = ()
    weights: tuple[Exponent, ...] = ()

    def log_model(self) -> Expression:
        """log|y| with all that is not exact as free constants, in the order of `free`."""
        terms: list[Expression] = [Constant(self.constant)]
        for i, p in enumerate(self.powers):
            if p:
                terms.append(Product((number(p), Call("log", Call("abs", Variable(i))))))
        for atom, w in zip(self.atoms, self.weights, strict=True):
            own = atom.expression
            terms.append(
                Product((number(w), Call("log", Call("abs", own)) if atom.kind == "factor" else own))
            )
        return Sum(tuple(terms))

    def with_constants(self, model: Expression) -> Law:
        """The law whose model this is, with other values of its free constants."""
        values = iter(c.value for c in constants(model))
        constant = next(values)
        powers = [next(values) if isinstance(p, float) and p else p for p in self.powers]
        atoms, weights = [], []
        for atom, w in zip(self.atoms, self.weights, strict=True):
            weights.append(next(values) if isinstance(w, float) else w)
            atoms.append(atom.rescaled(next(values)) if atom.is_scaled else atom)
        return replace(
            self, constant=constant, powers=tuple(powers), atoms=tuple(atoms), weights=tuple(weights)
        )

    def without(self, atom: int) -> Law:
        """The law with one atom less."""
        kept = [k for k in range(len(self.atoms)) if k != atom]
        return replace(
            self, atoms=tuple(self.atoms[k] for k in kept), weights=tuple(self.weights[k] for k in kept)
        )

    def expression(self, x: Array, y: Array) -> Expression:
        """y as a formula: the signs, which logarithms lose, are read off the rows."""
        parts = list(self.parts())
        sign, odd = parity([base for base, _ in parts], [p for _, p in parts], x, y)
        factors = [
            signed_power(base, p, x, is_odd) for (base, p), is_odd in zip(parts, odd, strict=True) if p
        ]
        inner = [
            multiply(number(w), atom.expression)
            for atom, w in zip(self.atoms, self.weights, strict=True)
            if atom.kind == "exponent"
        ]
        exponential = [call("exp", add(*inner))] if inner else []
        size = math.exp(min(self.constant, 700.0))
        front = exact(int(sign)) if abs(self.constant) <= UNIT else Constant(sign * size)
        return multiply(front, *factors, *exponential)

    @property
    def free(self) -> int:
        """How many of its constants are fitted, the one in front apart."""
        coefficients = (*self.powers, *self.weights, *(a.scale for a in self.atoms))
        return sum(isinstance(c, float) for c in coefficients)

    def parts(self) -> Iterator[tuple[Expression, Exponent]]:
        """What is raised to a power, and that power: sums over a common denominator, which goes to the inputs."""
        powers: dict[Expression, Exponent] = {Variable(i): p for i, p in enumerate(self.powers)}
        for atom, weight in zip(self.atoms, self.weights, strict=True):
            if atom.kind == "exponent":
                continue
            if atom.function or not atom.beside:
                whole = atom.expression
                powers[whole] = plus(powers.get(whole, Fraction(0)), weight, 1)
                continue
            # 1 + s·n/d is (d + s·n)/d.
            below, above = atom.argument.part(-1), atom.argument.part(1)
            whole = add(below, multiply(number(atom.scale), exact(atom.beside), above))
            powers[whole] = plus(powers.get(whole, Fraction(0)), weight, 1)
            for own, p in atom.argument.powers:
                if p < 0:
                    base = own.expression
                    powers[base] = plus(powers.get(base, Fraction(0)), weight, p)
        yield from powers.items()


def plus(before: Exponent, weight: Exponent, times: int) -> Exponent:
    """before + times·weight: exact where both are."""
    if isinstance(before, Fraction) and isinstance(weight, Fraction):
        return before + times * weight
    return float(before) + times * float(weight)


def number(value: Exponent) -> Constant:
    """An exact constant for a fraction, a free one for a float."""
    return exact(value) if isinstance(value, Fraction) else Constant(value)


def parity(
    bases: Sequence[Expression], powers: Sequence[Exponent], x: Array, y: Array
) -> tuple[float, list[bool]]:
    """The sign in front of the product, and of which bases the sign counts: by rule those with an odd exponent, and
    otherwise the fewest deviations from that with which the signs of the rows come right, where there are any."""
    with np.errstate(all="ignore"):
        signs = [np.sign(np.broadcast_to(evaluate(base, x), len(y))) for base in bases]
    rule = [is_odd(p) for p in powers]
    changing = [k for k, s in enumerate(signs) if powers[k] and s.min() < s.max()]
    weight, own = np.abs(y), np.sign(y)

    def agreement(odd: Sequence[bool]) -> float:
        whole = np.prod([np.ones(len(y)), *(s for s, o in zip(signs, odd, strict=True) if o)], axis=0)
        return float(np.sum(weight * own * whole))

    best, level = rule, abs(agreement(rule))
    total = float(weight.sum())
    for size in range(1, len(changing) + 1) if len(changing) <= MOST_CHANGING else ():
        if level >= total * (1 - 1e-9):
            break
        for some in combinations(changing, size):
            trial = [o != (k in some) for k, o in enumerate(rule)]
            if abs(agreement(trial)) > level:
                best, level = trial, abs(agreement(trial))
    return (1.0 if agreement(best) >= 0 else -1.0), best


def is_odd(p: Exponent) -> bool:
    return isinstance(p, Fraction) and p.denominator == 1 and p.numerator % 2 == 1


def signed_power(base: Expression, p: Exponent, x: Array, odd: bool) -> Expression:
    """|base|^p, times its sign where that counts, as it is written most plainly for the rows x."""
    with np.errstate(all="ignore"):
        values = np.broadcast_to(evaluate(base, x), len(x))
    whole = isinstance(p, Fraction) and p.denominator == 1
    if whole and odd == is_odd(p):
        return power(base, number(p))
    if values.min() >= 0:
        return power(base, number(p))
    if values.max() <= 0:
        raised = power(negate(base), number(p))
        return negate(raised) if odd else raised
    raised = power(base if whole and not is_odd(p) else call("abs", base), number(p))
    return multiply(call("sign", base), raised) if odd else raised
