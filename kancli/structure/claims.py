"""Smaller models of a target, and whether each describes it in fewer bits and leaves noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.structure.surrogate import (
    Fit,
    coordinate,
    degrees,
    exponents,
    fitted,
    of_all,
    of_parts,
    of_product,
    scaled,
    terms,
)
from kancli.structure.value import Claim
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.noise import chance

Array = NDArray[np.float64]

# A claim must save so many bits, and leave what chance explains more often than this. EXPERIMENTS: structure
WORTH, CHANCE = 10.0, 1e-3
# Periods are looked for where the data hold two of them at least and this many at most; harmonics of each.
LEAST_PERIODS, MOST_PERIODS, HARMONICS = 2.0, 12.0, 3


@dataclass(frozen=True, eq=False)
class Asked:
    """The relevant inputs x (n, d) with their names, coordinates z, the target y (n,), and the fit of all of them."""

    names: tuple[str, ...]
    x: Array
    z: Array
    y: Array
    all: Fit

    def holds(self, fit: Fit) -> tuple[float, float] | None:
        """Bits that a smaller model saves, and the chance that it leaves noise; None where it does not hold."""
        saved = self.all.bits - fit.bits
        if saved < WORTH:
            return None
        p = chance(self.x, self.y - fit.values)
        return (saved, p) if p >= CHANCE else None


def claims_of(asked: Asked) -> Iterator[Claim]:
    """All claims about separability, symmetries, homogeneity and periods."""
    if len(asked.names) > 1:
        yield from sums(asked)
        yield from products(asked)
        yield from symmetries(asked)
        yield from homogeneity(asked)
    yield from periods(asked)


def sums(asked: Asked) -> Iterator[Claim]:
    """f(some) + g(others): the finest split that holds."""
    parts = split(asked, asked.y)
    if len(parts) > 1 and (held := asked.holds(of_parts(asked.z, asked.y, parts))):
        text = " + ".join(f"f{k}({named(asked, part)})" for k, part in enumerate(parts, start=1))
        yield Claim("additive", asked.names, text, *held)


def split(asked: Asked, y: Array) -> list[list[int]]:
    """Inputs that interact, in groups: two do where products of both save bits."""
    d = len(asked.names)
    degree = max(of_all(asked.z, y).degree, 2)
    several = exponents(d, min(degree, degrees(d, len(y))[-1]))
    whole = fitted(terms(asked.z, several), y)
    home = list(range(d))
    for i, j in combinations(range(d), 2):
        without = [m for m in several if not (i in m and j in m)]
        if len(without) < len(several) and fitted(terms(asked.z, without), y).bits > whole.bits:
            old, new = home[j], home[i]
            home = [new if h == old else h for h in home]
    return [[k for k in range(d) if home[k] == h] for h in dict.fromkeys(home)]


def products(asked: Asked) -> Iterator[Claim]:
    """f(one)·g(others), for each input that factors out."""
    d = len(asked.names)
    alone = []
    for i in range(d):
        others = [k for k in range(d) if k != i]
        if d == 2 and i == 1:
            break
        if held := asked.holds(of_product(asked.z, asked.y, [i], others)):
            alone.append((i, others, held))
    for i, others, held in alone:
        text = f"f1({asked.names[i]})*f2({named(asked, others)})"
        yield Claim("multiplicative", asked.names, text, *held)


def symmetries(asked: Asked) -> Iterator[Claim]:
    """Two inputs that enter only by one combination of them: the one with the shortest description."""
    for i, j in combinations(range(len(asked.names)), 2):
        best: tuple[Fit, str] | None = None
        a, b, x, y = asked.names[i], asked.names[j], asked.x[:, i], asked.x[:, j]
        for text, z in combined(a, b, x, y):
            if not np.isfinite(z).all() or np.ptp(z) <= 0:
                continue
            rest = [k for k in range(len(asked.names)) if k not in (i, j)]
            for unit in (
                scaled(z),
                coordinate(z),
            ):  # a logarithm of a square is singular where others are plain
                fit = of_all(np.column_stack([unit, asked.z[:, rest]]), asked.y)
                if best is None or fit.bits < best[0].bits:
                    best = (fit, text)
        if best is not None and (held := asked.holds(best[0])):
            yield Claim("symmetry", (a, b), f"only by {best[1]}", *held)


def combined(a: str, b: str, x: Array, y: Array) -> Iterator[tuple[str, Array]]:
    """Combinations of two inputs, with how they are written."""
    yield f"{a} - {b}", x - y
    yield f"{a} + {b}", x + y
    yield f"{a}*{b}", x * y
    if (y != 0).all():
        yield f"{a}/{b}", x / y
    yield f"{a}**2 + {b}**2", x**2 + y**2
    yield f"{a}**2 - {b}**2", x**2 - y**2


def homogeneity(asked: Asked) -> Iterator[Claim]:
    """f(t·x) = tⁿ·f(x), for positive inputs and a target of one sign: log |y| = n·log x₁ + h(x₂/x₁, …)."""
    if not ((asked.x > 0).all() and ((asked.y > 0).all() or (asked.y < 0).all())):
        return
    logs, goal = np.log(asked.x), np.log(np.abs(asked.y))
    if float(np.ptp(goal)) <= 0:
        return
    ratios = np.column_stack([coordinate(column - logs[:, 0]) for column in logs[:, 1:].T])
    unit = coordinate(logs[:, 0])
    full = of_all(np.column_stack([unit, ratios]), goal)
    best: tuple[Fit, float] | None = None
    for degree in degrees(ratios.shape[1], len(goal)):
        columns = np.column_stack([logs[:, 0], terms(ratios, exponents(ratios.shape[1], degree))])
        fit = fitted(columns, goal, degree)
        if best is None or fit.bits < best[0].bits:
            theta = lstsq(np.column_stack([np.ones(len(goal)), columns]), goal, rcond=1e-11)
            best = (fit, float(theta[1]))
    assert best is not None
    saved, p = full.bits - best[0].bits, chance(asked.x, goal - best[0].values)
    if saved >= WORTH and p >= CHANCE:
        text = f"of degree {best[1]:.3g} in {named(asked, range(len(asked.names)))}"
        yield Claim("homogeneous", asked.names, text, saved, p, best[1])


def periods(asked: Asked) -> Iterator[Claim]:
    """Inputs whose waves describe the target more briefly than polynomials do."""
    n, d = len(asked.y), len(asked.names)
    for i in range(d):
        others = [k for k in range(d) if k != i]
        column = asked.x[:, i]
        whole = float(np.ptp(column))
        rest = np.ones((n, 1))
        if others:
            rest = np.column_stack([rest, terms(asked.z[:, others], exponents(len(others), 2))])

        def at(number: float, column: Array = column, whole: float = whole, rest: Array = rest) -> Fit:
            phase = 2 * np.pi * number * column / whole
            waves = [w(k * phase) for k in range(1, HARMONICS + 1) for w in (np.sin, np.cos)]
            columns = np.concatenate([rest[:, 1:], *(rest * wave[:, None] for wave in waves)], axis=1)
            return fitted(columns, asked.y)

        if rest.shape[1] * (2 * HARMONICS + 1) > n // 5:
            continue
        grid = np.arange(LEAST_PERIODS, MOST_PERIODS, 0.1)
        number = float(min(grid, key=lambda value: at(float(value)).bits))
        for step in (0.03, 0.01, 0.003, 0.001):
            number = min((number + k * step for k in (-3, -2, -1, 0, 1, 2, 3)), key=lambda v: at(v).bits)
        if held := asked.holds(at(number)):
            period = whole / number
            yield Claim(
                "periodic", (asked.names[i],), f"in {asked.names[i]}, period {period:.4g}", *held, period
            )


def named(asked: Asked, part: Sequence[int]) -> str:
    """`a, b`."""
    return ", ".join(asked.names[k] for k in part)
