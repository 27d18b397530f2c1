"""Elementary combinations of inputs that a fitted function depends on: products, sums, distances.

Where f = F(a(xᵢ) + k·a(xⱼ), the others), the slopes obey ∂ⱼf·a'(xᵢ) = k·∂ᵢf·a'(xⱼ) at every row. For
a = log, x, x² and 1/x that is one number k to be estimated, and how far the two sides are from
proportional says whether it holds. Then xᵢ·xⱼᵏ, xᵢ + k·xⱼ, … can stand for both inputs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kancli.search.ties import ranked
from kancli.symbolic.expression import Expression, add, exact, multiply, power
from kancli.symbolic.expression.exact import small_fraction

Array = NDArray[np.float64]
Kind = Literal["product", "sum", "squares", "inverses"]
KINDS: tuple[Kind, ...] = ("product", "sum", "squares", "inverses")

# Values of k that are taken for exact, and how far, as a share, an estimate may be from one: farther from the
# commonest. Exponents are quotients of small whole numbers, factors are 1 or 2.
COMMON, OTHERS = (1.0, 2.0, 0.5), (3.0, 4.0, 5.0, 6.0, 1.5, 2.5, 4 / 3, 5 / 3, 5 / 4, 6 / 5)
NEAR, NEARER = 0.12, 0.03
# Two inputs combine when their slopes disagree by no more than this share, and no more than this many times
# the best pair's.
MOST = 0.03
ALIKE = 8.0
LEAST = 1e-6
# Weights of homogeneity, and the share of Euler's sum that may be missed: degrees are many, chance must be small.
WEIGHTS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
MOST_EULER = 0.01


@dataclass(frozen=True)
class Combination:
    """`kind` of the inputs `members`, with an exponent or a factor each, the first one's being 1."""

    kind: Kind
    members: tuple[int, ...]
    factors: tuple[float, ...]

    def expression(self, inputs: Sequence[Expression]) -> Expression:
        """In terms of expressions for the inputs."""
        parts = [inputs[i] for i in self.members]
        if self.kind == "product":
            return multiply(
                *(power(p, exact(small_fraction(k))) for p, k in zip(parts, self.factors, strict=True))
            )
        inner = {"sum": 1, "squares": 2, "inverses": -1}[self.kind]
        terms = [
            multiply(exact(small_fraction(k)), power(p, exact(inner)))
            for p, k in zip(parts, self.factors, strict=True)
        ]
        return add(*terms)


def sides(kind: Kind, slopes: tuple[Array, Array], x: tuple[Array, Array]) -> tuple[Array, Array]:
    """The two sides that are proportional, the second k times the first, if inputs combine in this way."""
    (gi, gj), (xi, xj) = slopes, x
    if kind == "product":
        return gi * xi, gj * xj
    if kind == "sum":
        return gi, gj
    if kind == "squares":
        return gi * xj, gj * xi
    return gi * xi**2, gj * xj**2


def fitted(kind: Kind, slopes: tuple[Array, Array], x: tuple[Array, Array]) -> tuple[float, float]:
    """(k, share of the sides that is not proportional) for two inputs."""
    one, other = sides(kind, slopes, x)
    a, b, c = float(one @ one), float(other @ other), float(one @ other)
    if a <= 0 or b <= 0:
        return 0.0, 1.0
    return c / a, 1 - c**2 / (a * b)


def snapped(k: float, kind: Kind, positive: bool) -> float | None:
    """The exact value near k, None where there is none; roots and their like only of what is `positive`."""
    size = abs(k)
    if kind != "product":
        choices = [(value, NEAR) for value in COMMON[:2]]
    else:
        choices = [(value, NEAR) for value in COMMON]
        choices += [(v, NEARER) for value in OTHERS for v in (value, 1 / value)]
    near = [v for v, share in choices if abs(size - v) <= share * v and (positive or v.is_integer())]
    best = min(near, key=lambda v: abs(size - v) / v, default=None)
    return None if best is None else math.copysign(best, k)


def found_in(slopes: Array, x: Array) -> list[Combination]:
    """Disjoint combinations that slopes (d, n) at raw inputs x (d, n) suggest, the clearest first."""
    inputs = len(x)
    pairs: list[tuple[float, int, int, Kind, float]] = []
    for i, j in combinations(range(inputs), 2):
        options = [(*fitted(kind, (slopes[i], slopes[j]), (x[i], x[j])), kind) for kind in KINDS]
        k, disagree, kind = min(options, key=lambda option: ranked(option[1]))
        exact_k = snapped(k, kind, bool((x[i] > 0).all() and (x[j] > 0).all()))
        if disagree <= MOST and exact_k is not None:
            pairs.append((ranked(disagree), i, j, kind, exact_k))
    if not pairs:
        return []
    limit = max(ALIKE * min(pairs)[0], LEAST)
    good = {(i, j): (kind, k) for disagree, i, j, kind, k in pairs if disagree <= limit}
    free = set(range(inputs))
    made = []
    for _, i, j, kind, k in sorted(pairs):
        if (i, j) not in good or not {i, j} <= free:
            continue
        members, factors = [i, j], [1.0, k]
        for m in sorted(free - {i, j}):
            both = [good.get((min(m, o), max(m, o))) for o in members]
            if all(b is not None and b[0] == kind for b in both) and both[0] is not None:
                factor = both[0][1] if i < m else (1 / both[0][1])
                members.append(m)
                factors.append(factor)
        free -= set(members)
        made.append(Combination(kind, tuple(members), tuple(factors)))
    return made


def factors_in(slopes: Array, x: Array, y: Array) -> dict[int, float]:
    """Inputs of which y (n,) holds a power as a factor, with their exponents: y = Π xᵢ^kᵢ · F(the others).

    Then xᵢ·∂ᵢf = k·f at every row. The clearest comes first.
    """
    found: dict[int, tuple[float, float]] = {}
    whole = float(y @ y)
    for i, (slope, own) in enumerate(zip(slopes, x, strict=True)):
        side = slope * own
        exact_k = snapped(float(side @ y) / whole, "product", bool((own > 0).all()))
        if exact_k is not None and (own != 0).all():
            missed = float(np.sum((side - exact_k * y) ** 2)) / (float(side @ side) + 1e-300)
            if missed <= MOST:
                found[i] = missed, exact_k
    return {i: found[i][1] for i in sorted(found, key=lambda i: ranked(found[i][0]))}


@dataclass(frozen=True)
class Homogeneity:
    """y(…, λ·x_scale, …, λ^weight·x_other, …) = λ^degree·y.

    Then y/x_scale^degree depends on the two only through x_other/x_scale^weight.
    """

    scale: int
    other: int
    weight: float
    degree: float


def homogeneous_in(slopes: Array, x: Array, y: Array) -> Homogeneity | None:
    """The two inputs in which y (n,) is most clearly homogeneous, None if in no two (Euler: Σ wᵢ·xᵢ·∂ᵢf = k·f).

    Of the two, the one that varies less, relative to its size, is the scale.
    """
    found: list[tuple[float, Homogeneity]] = []
    whole = float(y @ y)
    for i, j in permutations(range(len(x)), 2):
        if (x[i] <= 0).any() or np.std(x[i]) / np.mean(x[i]) > np.std(x[j]) / (abs(np.mean(x[j])) + 1e-300):
            continue
        for weight in WEIGHTS:
            one, other = slopes[i] * x[i], weight * slopes[j] * x[j]
            side = one + other
            degree = snapped(float(side @ y) / whole, "product", positive=True)
            if degree is None:
                continue
            missed = float(np.sum((side - degree * y) ** 2)) / float(one @ one + other @ other + 1e-300)
            if missed <= MOST_EULER:
                found.append((missed, Homogeneity(i, j, weight, degree)))
    return min(found, key=lambda f: ranked(f[0]))[1] if found else None
