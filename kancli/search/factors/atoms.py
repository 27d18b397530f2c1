"""The dictionary: elementary functions of combinations of inputs, as columns of a regression of log|y|.

An argument is a product of powers of bases: inputs, sums of two, and simple functions of these. An atom is a
function f of the library of an argument u, or 1 ± f(u); as a factor of y it enters as log|f(u)|, in an exponent as
f(u) itself. As log|xᵢ| are always in the regression, 1 ± u stands for every sum of two products of powers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import (
    ONE,
    Call,
    Constant,
    Expression,
    Variable,
    add,
    complexity,
    evaluate,
    exact,
    multiply,
    negate,
    power,
)
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
Kind = Literal["factor", "exponent"]

# Arguments of one kind that a dictionary has at most, the shortest first: a budget of columns.
MOST_ARGUMENTS, MOST_MIXED = 730, 640
# Arguments of the functions of the library other than powers: fewer, as there are several functions.
MOST_INNER = 160
# Functions up to this complexity are also tried beside 1, in exponents, and as factors of an argument.
SIMPLE = 3
# Scales of an argument, in units of one over its size at a quantile, from which those between them are fitted.
SCALES = ((1.0, 0.1), (1.0, 0.8), (0.5, 1.0), (0.0, 1.3))
# The same for functions of the library; for waves in radians at the argument's largest.
INNER_SCALES, WAVES = (0.5, 3.0), (0.5, 2.0, 4.0, 6.0, 9.0)
# Minus the logarithm of 0, for products.
ZERO = 1e4
# Multiples of an argument of a wave, apart from itself: half and double angles.
ANGLES = (Fraction(2), Fraction(1, 2))


@dataclass(frozen=True)
class Base:
    """An input, or the sum or difference (`sign`) of the `degree`-th powers of two, or a function of that."""

    first: int
    second: int | None = None
    sign: int = 1
    degree: int = 1
    function: str = ""

    def values(self, x: Array) -> Array:
        """At x (n, inputs); (n,)."""
        value: Array = x[:, self.first]
        if self.second is not None:
            value = value**self.degree + self.sign * x[:, self.second] ** self.degree
        with np.errstate(all="ignore"):
            return FUNCTIONS[self.function].value(value) if self.function else value

    @property
    def expression(self) -> Expression:
        own: Expression = Variable(self.first)
        if self.second is not None:
            raised = exact(self.degree)
            other = power(Variable(self.second), raised)
            own = add(power(own, raised), other if self.sign > 0 else negate(other))
        return Call(self.function, own) if self.function else own


@dataclass(frozen=True)
class Argument:
    """A product of whole powers of bases; `powers` is never empty."""

    powers: tuple[tuple[Base, int], ...]

    @property
    def expression(self) -> Expression:
        return multiply(*(power(base.expression, exact(p)) for base, p in self.powers))

    def part(self, sign: int) -> Expression:
        """The factors whose exponent has this sign, with positive exponents."""
        return multiply(*(power(base.expression, exact(abs(p))) for base, p in self.powers if p * sign > 0))

    @property
    def degree(self) -> int:
        """The sum of the sizes of its exponents."""
        return sum(abs(p) for _, p in self.powers)

    @property
    def is_first(self) -> bool:
        """Whether its first exponent is positive: of it and its inverse one will do, as 1 + u is u·(1 + 1/u)."""
        return self.powers[0][1] > 0

    @property
    def is_inner(self) -> bool:
        """Whether functions other than powers are tried on it."""
        return self.degree <= 4 and not any(base.function for base, _ in self.powers)

    @property
    def is_angle(self) -> bool:
        """Whether its half and its double are tried in waves."""
        return len(self.powers) <= 2 and all(abs(p) == 1 for _, p in self.powers)


@dataclass(frozen=True)
class Atom:
    """f(s·u), or 1 ± f(s·u) where `beside` is ±1; f is the identity where `function` is empty.

    `scale` is s, a free constant unless it is a fraction.
    """

    kind: Kind
    argument: Argument
    function: str = ""
    beside: int = 0
    scale: Fraction | float = Fraction(1)

    @property
    def is_scaled(self) -> bool:
        """Whether its scale is a constant to be fitted."""
        return isinstance(self.scale, float)

    @property
    def expression(self) -> Expression:
        """The atom itself, neither its logarithm nor its exponential."""
        scale = Constant(self.scale) if isinstance(self.scale, float) else exact(self.scale)
        inner = multiply(scale, self.argument.expression)
        if self.function:
            inner = Call(self.function, inner)
        if self.beside:
            inner = add(ONE, inner if self.beside > 0 else negate(inner))
        return inner

    @property
    def nodes(self) -> int:
        """Nodes that it adds to a formula, its exponent or coefficient apart."""
        return complexity(self.expression) + 1

    def column(self, x: Array) -> Array:
        """What it is in the regression of log|y|, at x (n, inputs); (n,)."""
        with np.errstate(all="ignore"):
            values = np.broadcast_to(evaluate(self.expression, x), len(x))
            return np.log(np.abs(values)) if self.kind == "factor" else values

    def rescaled(self, scale: float) -> Atom:
        """The same with another scale."""
        return replace(self, scale=scale)


@dataclass(frozen=True)
class Block:
    """Atoms that differ in their arguments only, and, where `scale` is None, in their scales (atoms,)."""

    kind: Kind
    function: str
    beside: int
    arguments: tuple[Argument, ...]
    scales: Array
    scale: Fraction | None = Fraction(1)

    def atom(self, place: int) -> Atom:
        """One of them."""
        scale = float(self.scales[place]) if self.scale is None else self.scale
        return Atom(self.kind, self.arguments[place], self.function, self.beside, scale)


def inside(function: str, beside: int, u: Array) -> Array:
    """f(u), or 1 ± f(u) where `beside` is ±1."""
    value = FUNCTIONS[function].value(u) if function else u
    return 1 + beside * value if beside else value


@dataclass(frozen=True)
class Dictionary:
    """`columns` (n, atoms), all finite, the largest element of each ±1; `places` (atoms, 2): the block of each and
    its place there."""

    blocks: tuple[Block, ...]
    places: NDArray[np.intp]
    columns: Array

    def atom(self, member: int) -> Atom:
        """The atom of a column."""
        own: Block = self.blocks[self.places[member, 0]]
        return own.atom(int(self.places[member, 1]))


Stage = Literal["plain", "mixed", "scaled"]
"""Atoms without constants; those with functions among the factors of their arguments; those with a scale to be
fitted."""
STAGES: tuple[Stage, ...] = ("plain", "mixed", "scaled")


def dictionary(x: Array, options: FitOptions, stage: Stage) -> Dictionary:
    """The dictionary for the rows x (n, inputs), the shortest atoms first."""
    inputs, names = x.shape[1], functions_of(options)
    several = [*arguments(inputs)]
    if stage != "plain":
        several += mixed(inputs, tuple(filter(is_simple, names)))
    with np.errstate(all="ignore"):
        values = argument_values(several, x)
        good = np.flatnonzero(np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 0))
        several, values = [several[k] for k in good], values[:, good]
        make = scaled_blocks if stage == "scaled" else plain_blocks
        made = list(make(several, values, names, stage))
        columns = [columns_of(block, values[:, some]) for some, block in made]
        whole = np.concatenate([np.empty((len(x), 0)), *columns], axis=1)
        largest = np.max(np.abs(whole), axis=0, initial=0.0)
    usable = np.flatnonzero(np.isfinite(largest) & (largest > 0))
    places = np.array([(b, k) for b, (some, _) in enumerate(made) for k in range(len(some))], dtype=np.intp)
    return Dictionary(
        tuple(block for _, block in made), places.reshape(-1, 2)[usable], whole[:, usable] / largest[usable]
    )


def columns_of(block: Block, values: Array) -> Array:
    """What the atoms of a block are in the regression of log|y|, from the values (n, atoms) of their arguments."""
    own = inside(block.function, block.beside, values * block.scales)
    return np.log(np.abs(own)) if block.kind == "factor" else own


def functions_of(options: FitOptions) -> list[str]:
    """The functions of the table that may be used and are not made of straight pieces, the simplest first."""
    usable = {f.name: f.complexity for f in library(options.lib, options.exclude, options.functions)}
    entries = [
        e
        for e in FUNCTIONS.values()
        if e.traits is not None and e.library_name in usable and not e.traits.is_straight
    ]
    return [e.name for e in sorted(entries, key=lambda e: usable[e.library_name])]


def is_simple(name: str) -> bool:
    """Whether a function is simple enough to be tried in more ways than alone."""
    traits = FUNCTIONS[name].traits
    return traits is not None and traits.complexity <= SIMPLE


def is_wave(name: str) -> bool:
    """Whether a function has a period."""
    traits = FUNCTIONS[name].traits
    return traits is not None and traits.period is not None


@lru_cache(maxsize=16)
def arguments(inputs: int) -> tuple[Argument, ...]:
    """Products of powers of inputs, then sums of two to powers and over or times other inputs; the shortest first."""
    return (*monomials([Base(i) for i in range(inputs)]), *of_sums(inputs))


def monomials(bases: Sequence[Base], most: int = MOST_ARGUMENTS) -> list[Argument]:
    """Products of powers of some of the bases, as many as the budget allows: bases and their squares and products of
    two of these, then products of more bases and their inverses, then higher powers. The inverse of each is there.
    """
    found: dict[Argument, None] = {}
    sizes = range(1, len(bases) + 1)
    orders = [(1, 2), *((size, 1) for size in sizes), *((size, 2) for size in sizes)]
    for size, highest in orders:
        exponents = [p for p in range(-highest, highest + 1) if p]
        if len(found) + math.comb(len(bases), size) * len(exponents) ** size > 2 * most:
            continue
        of_size = [
            Argument(tuple(zip(members, powers, strict=True)))
            for members in combinations(bases, size)
            for powers in product(exponents, repeat=size)
        ]
        found.update(dict.fromkeys(sorted(of_size, key=lambda a: a.degree)))
        if len(found) >= most:
            break
    return list(found)[:most]


def sums_of(inputs: int) -> list[Base]:
    """Differences and sums of two inputs."""
    return [Base(i, j, sign) for i, j in combinations(range(inputs), 2) for sign in (-1, 1)]


def of_sums(inputs: int) -> list[Argument]:
    """Sums of two, of two squares, their inverses and squares, and these over or times another input."""
    squares = [Base(i, j, 1, 2) for i, j in combinations(range(inputs), 2)]
    sums = [*sums_of(inputs), *squares]
    alone = [Argument(((base, p),)) for p in (1, 2, -1, -2) for base in sums]
    beside = [
        Argument(((base, p), (Base(i), q)))
        for p, q in ((1, -1), (1, 1), (2, -2), (2, -1))
        for base in sums
        for i in range(inputs)
    ]
    return [*alone, *beside][:MOST_ARGUMENTS]


@lru_cache(maxsize=16)
def mixed(inputs: int, names: tuple[str, ...]) -> tuple[Argument, ...]:
    """Functions of inputs, and of sums of two, times products of other inputs and their inverses; the shortest
    first."""
    own = [Base(i, function=name) for name in names for i in range(inputs)]
    own += [replace(base, function=name) for name in names for base in sums_of(inputs)]
    found: list[Argument] = []
    for size in range(inputs):
        for base in own:
            others = [Base(i) for i in range(inputs) if i not in (base.first, base.second)]
            for members in combinations(others, size):
                for powers in product((1, -1), repeat=size):
                    found.append(Argument(((base, 1), *zip(members, powers, strict=True))))
            if len(found) >= MOST_MIXED:
                return tuple(found[:MOST_MIXED])
    return tuple(found)


def argument_values(several: Sequence[Argument], x: Array) -> Array:
    """Values (n, arguments) at x (n, inputs)."""
    bases = list(dict.fromkeys(base for a in several for base, _ in a.powers))
    place = {base: k for k, base in enumerate(bases)}
    exponents = np.zeros((len(bases), len(several)))
    for k, argument in enumerate(several):
        for base, p in argument.powers:
            exponents[place[base], k] = p
    values = np.stack([base.values(x) for base in bases], axis=1)
    undefined = ~np.isfinite(values).all(axis=0)
    with np.errstate(all="ignore"):
        logs = np.where((values == 0) | undefined, -ZERO, np.log(np.abs(values)))
        sizes = np.exp(logs @ exponents)
    odd = (exponents % 2).astype(np.float64)
    negative = (values < 0).astype(np.float64) @ odd
    signed: Array = np.where(negative % 2 == 1, -sizes, sizes)
    signed[:, np.abs(exponents[undefined]).sum(axis=0) > 0] = np.nan
    return signed


Blocks = Iterable[tuple[NDArray[np.intp], Block]]


def plain_blocks(several: Sequence[Argument], values: Array, names: Sequence[str], stage: Stage) -> Blocks:
    """Atoms without constants, with the positions of their arguments."""
    every = range(len(several))
    first = [k for k in every if several[k].is_first]
    yield block("factor", several, alone_in(several))
    yield block("exponent", several, every)
    for sign in (-1, 1):
        yield block("factor", several, first, beside=sign)
    inner = [k for k in every if several[k].is_inner][:MOST_INNER]
    for name in names:
        for scale in (Fraction(1), *(ANGLES if is_wave(name) else ())):
            some = inner if scale == 1 else [k for k in inner if several[k].is_angle]
            if name != "exp":
                yield block("factor", several, some, name, 0, scale)
            if is_simple(name):
                if stage == "plain":  # in others it is an argument
                    yield block("exponent", several, some, name, 0, scale)
                for sign in (-1, 1):
                    yield block("factor", several, some, name, sign, scale)


def scaled_blocks(several: Sequence[Argument], values: Array, names: Sequence[str], stage: Stage) -> Blocks:
    """Atoms with a scale, on a grid of scales, and exponents, which have a coefficient of their own."""
    every = range(len(several))
    first = [k for k in every if several[k].is_first]
    sizes = {q: np.quantile(np.abs(values), q, axis=0) for q in {q for q, _ in SCALES}}
    yield block("factor", several, alone_in(several))
    yield block("exponent", several, every)
    for quantile, size in SCALES:
        for sign in (1, -1):
            yield block("factor", several, first, "", 1, sign * size / sizes[quantile][first])
    inner = [k for k in every if several[k].is_inner][:MOST_INNER]
    for name in names:
        for size in WAVES if is_wave(name) else INNER_SCALES:
            for sign in (1, -1) if FUNCTIONS[name].parity == 0 else (1,):
                scales = sign * size / sizes[1.0][inner]
                if name != "exp":
                    yield block("factor", several, inner, name, 0, scales)
                if is_simple(name):
                    for beside in (-1, 1):
                        yield block("factor", several, inner, name, beside, scales)


def alone_in(several: Sequence[Argument]) -> list[int]:
    """The positions of arguments that are factors by themselves: sums of two."""
    return [
        k for k, a in enumerate(several) if a.degree == 1 and a.is_first and a.powers[0][0].second is not None
    ]


def block(
    kind: Kind,
    several: Sequence[Argument],
    some: Iterable[int],
    function: str = "",
    beside: int = 0,
    scale: Fraction | Array = Fraction(1),
) -> tuple[NDArray[np.intp], Block]:
    """A block over some of the arguments, with their positions; of one scale for all, or one for each."""
    chosen = np.array(list(some), dtype=np.intp)
    own = tuple(several[k] for k in chosen)
    if isinstance(scale, Fraction):
        return chosen, Block(kind, function, beside, own, np.full(len(chosen), float(scale)), scale)
    return chosen, Block(kind, function, beside, own, scale, None)
