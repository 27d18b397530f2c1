"""Sums of products of powers, Σₖ cₖ·Πᵢ xᵢ^pₖᵢ (signomials: Duffin & Peterson, J. Optim. Theory Appl. 11, 1973).

A term may have one more factor out of a list that is given: the cosine of an angle, say.

As a network: one layer of product nodes with powers on all edges, and a sum. Because the form of every edge is known,
all terms are fitted at once from many starts, without splines: Levenberg-Marquardt in the exponents, the factors
cₖ in closed form at every step (variable projection, Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973, in the variant
of Kaufman, BIT 15, 1975, which keeps the factors' columns in the Jacobian).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.least_squares.batched import Points, State, after, levenberg_marquardt
from kancli.symbolic.least_squares.damping import FIRST_DAMPING
from kancli.work import ELEMENTWISE, spend

Array = NDArray[np.float64]

# Starts, and those of them that are left after so many steps.
STARTS, STEPS = 96, 60
# Starts where terms may have an extra factor, and the share of terms that begin with one.
MORE_STARTS, SHARE_WITH_EXTRA = 240, 0.4
# Starts times the square of the constants, which is what a step costs for each row.
MOST_WORK = 60_000
HALVINGS = (8, 18, 33)
FEWEST = 12
# Different minima that are given back, and relative differences between their sums of squares that are none.
MOST_FOUND, SAME = 3, 1e-4
# A start that improves by no more than this, relative, has arrived.
SETTLED = 1e-10
# Exponents of the starts, most of them 0; how far they are scattered; and the largest that are tried.
EXPONENTS = (-2.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0)
SCATTER = 0.3
LARGEST = 6.0
# Terms are kept below e to this, and their gram away from singular.
MOST_LOG = 60.0
RIDGE = 1e-14
# Terms may be so many times larger than their sum; a number above every sum of squares.
MOST_CANCELLED, LAST = 20.0, 1e100
# Under a root: targets below this share of the median begin there, sums below this share of theirs stay there; and
# how often the factors are solved for.
LIFTED, SMALLEST, REWEIGHTED = 0.1, 1e-4, 12


@dataclass(frozen=True)
class Signomial:
    """`factors` (terms,) and `exponents` (terms, inputs) of x over `centre` (inputs,), which keeps the terms of order
    one; `extras` (terms,) is the further factor of each, 0 for none; `sse` is the weighted sum of squares."""

    factors: Array
    exponents: Array
    extras: NDArray[np.intp]
    centre: Array
    sse: float

    @property
    def usable(self) -> bool:
        """Whether it has values, and its terms do not all but cancel each other."""
        return self.sse < LAST

    def raw_factors(self) -> Array:
        """The factors for x itself, (terms,)."""
        result: Array = self.factors / np.exp(self.exponents @ np.log(self.centre))
        return result


def fit_signomials(
    x: Array,
    y: Array,
    weight: Array | None,
    terms: int,
    *,
    seed: int,
    root: float = 1.0,
    extras: Array | None = None,
    start: Signomial | None = None,
    fixed: NDArray[np.bool_] | None = None,
    steps: int = STEPS,
) -> tuple[Signomial, ...]:
    """The best minima from many starts, best first; x (n, inputs) above 0, y (n,), weight (n,) of squared residuals.

    `root`: y to this power is the sum; the errors are those of y itself, so that noise on it does no harm.
    `extras` (kinds, n): values of factors of which each term may have one. `start`: go on from there instead, the
    exponents marked in `fixed` (terms, inputs) unchanged.
    """
    table = SignomialTable.of(x, y, weight, root=root, extras=extras)
    rows, unit = table.rows, table.unit
    if start is None:
        rows = rows.transformed()
        exponents, kinds = draws(x.shape[1], terms, table.kinds, np.random.default_rng(seed))
    else:
        exponents, kinds = start.exponents[None].copy(), start.extras[None]
    free = np.ones(exponents.shape[1:], dtype=bool) if fixed is None else ~fixed
    damping = np.full(len(exponents), FIRST_DAMPING)
    for steps_here, last in phases(steps):
        end = after(_states(exponents, kinds, rows, free, damping), steps_here)
        factors, worth = end.more
        kept = np.argsort(worth, kind="stable")
        if not last:
            kept = kept[: max(FEWEST, len(kept) // 3)]
        factors, sse = factors[kept], end.sse[kept]
        exponents, kinds, damping = _with(exponents, free, end.theta)[kept], kinds[kept], end.damping[kept]
    found: list[Signomial] = []
    for run in range(len(exponents)):
        error = unit**2 * float(sse[run])
        if len(found) < MOST_FOUND and all(abs(error - f.sse) > SAME * f.sse for f in found):
            found.append(
                Signomial(unit**root * factors[run], exponents[run], kinds[run], table.centre, error)
            )
    return tuple(found)


def phases(steps: int) -> Iterator[tuple[int, bool]]:
    """How many steps are taken before starts are dropped, and whether none are dropped after these."""
    ends = [*(end for end in HALVINGS if end < steps), steps]
    for before, end in pairwise([0, *ends]):
        yield end - before, end == steps


def _states(
    exponents: Array, kinds: NDArray[np.intp], rows: _Rows, free: NDArray[np.bool_], damping: Array
) -> Iterator[State]:
    """Levenberg-Marquardt from exponents (R, terms, inputs) in those that are `free`, the factors projected out; with
    the factors (R, terms) and the worth (R,) of every point."""

    def at(theta: Array, which: NDArray[np.intp]) -> Points:
        point = _Point.at(_with(exponents[which], free, theta), kinds[which], rows)
        return Points(point.sse, *point.equations(rows, free), (point.factors, point.worth()))

    def moved(theta: Array, step: Array, more: object, which: NDArray[np.intp]) -> Array:
        return np.clip(theta + step, -LARGEST, LARGEST)

    return levenberg_marquardt(at, exponents[:, free], moved=moved, damping=damping, tolerance=SETTLED)


def _with(exponents: Array, free: NDArray[np.bool_], theta: Array) -> Array:
    """Exponents (R, terms, inputs) with the free ones, (R, q), replaced."""
    result = exponents.copy()
    result[:, free] = theta
    return result


@dataclass(frozen=True)
class SignomialTable:
    """x over `centre` (inputs,), y over `unit`, and so on, in `rows`: what sums are fitted to."""

    centre: Array
    unit: float
    rows: _Rows

    @staticmethod
    def of(x: Array, y: Array, weight: Array | None, *, root: float, extras: Array | None) -> SignomialTable:
        """As `fit_signomials` takes them."""
        logs = np.log(x.T)
        centre = logs.mean(axis=1)
        # Of order one, so that factors and exponents weigh alike.
        unit = float(np.sqrt(np.mean(y**2))) or 1.0
        fronts = np.ones((1, len(y))) if extras is None else np.concatenate([np.ones((1, len(y))), extras])
        counts = np.ones_like(y) if weight is None else np.sqrt(weight)
        return SignomialTable(
            np.exp(centre), unit, _Rows(logs - centre[:, None], fronts, y / unit, counts, root)
        )

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.rows.target)

    @property
    def kinds(self) -> int:
        """How many extra factors there are to choose from."""
        return len(self.rows.fronts) - 1

    def at(self, exponents: Array, extras: NDArray[np.intp]) -> list[Signomial]:
        """Sums with exponents (R, terms, inputs) and extra factors (R, terms), each with its best factors."""
        with np.errstate(all="ignore"):
            state = _Point.at(exponents, extras, self.rows)
            worth = np.nan_to_num(state.worth(), nan=2 * LAST, posinf=2 * LAST)
        factors = self.unit**self.rows.root * state.factors
        return [
            Signomial(f, e, k, self.centre, self.unit**2 * float(w))
            for f, e, k, w in zip(factors, exponents, extras, worth, strict=True)
        ]


def draws(
    inputs: int, terms: int, kinds: int, generator: np.random.Generator
) -> tuple[Array, NDArray[np.intp]]:
    """Exponents (R, terms, inputs) and extra factors (R, terms) to start from; twice as many where there are such."""
    runs = min(STARTS if not kinds else MORE_STARTS, max(FEWEST, MOST_WORK // (terms * (inputs + 1)) ** 2))
    shape = (runs, terms, inputs)
    exponents = generator.choice(EXPONENTS, size=shape) + SCATTER * generator.normal(size=shape)
    if not kinds:
        return exponents, np.zeros((runs, terms), dtype=np.intp)
    with_one = generator.random((runs, terms)) < SHARE_WITH_EXTRA
    chosen = generator.integers(1, kinds + 1, size=(runs, terms))
    return exponents, np.where(with_one, chosen, 0).astype(np.intp)


@dataclass(frozen=True)
class _Rows:
    """Centred logarithms of the inputs (inputs, n), extra factors (kinds, n), target (n,), the roots of the weights
    (n,), and the power of the target that is the sum."""

    logs: Array
    fronts: Array
    target: Array
    counts: Array
    root: float

    def first_sum(self) -> Array:
        """The sum as the target has it, (n,); values near or below 0 are noise and lifted."""
        result: Array = np.maximum(self.target, self.least()) ** self.root
        return result

    def least(self) -> float:
        return LIFTED * float(np.median(np.abs(self.target)))

    def transformed(self) -> _Rows:
        """The sum itself as target, which is faster and nearly as good where the noise is small: to start with.

        An error of y^root is one of y times its slope there. Rows near or below 0 do not count.
        """
        if self.root == 1:
            return self
        total = self.first_sum()
        slope = self.root * np.maximum(self.target, self.least()) ** (self.root - 1)
        counts = np.where(self.target >= self.least(), self.counts / np.abs(slope), 0.0)
        return replace(self, target=total, counts=counts, root=1.0)


@dataclass(frozen=True)
class _Point:
    """A batch of R iterates: exponents (R, terms, inputs), extra factors `kinds` (R, terms), factors (R, terms),
    derivatives of the target by the factors (R, terms, n), residuals (R, n), sse (R,); the last three weighted."""

    exponents: Array
    kinds: NDArray[np.intp]
    factors: Array
    basis: Array
    residual: Array
    sse: Array

    @staticmethod
    def at(exponents: Array, kinds: NDArray[np.intp], rows: _Rows) -> _Point:
        terms = np.exp(np.clip(exponents @ rows.logs, -MOST_LOG, MOST_LOG)) * rows.fronts[kinds]
        spend(2 * ELEMENTWISE * terms.size, calls=5)
        if rows.root == 1:
            basis = terms * rows.counts
            factors = solved(basis, (rows.target * rows.counts)[None, None])[..., 0]
            residual = rows.target * rows.counts - np.einsum("rt,rtn->rn", factors, basis)
            return _Point(
                exponents, kinds, factors, basis, residual, np.einsum("rn,rn->r", residual, residual)
            )
        # Factors under a root: a generalised linear model, by iterated weighted least squares (McCullagh & Nelder).
        total, power = rows.first_sum()[None], 1 / rows.root
        least = SMALLEST * float(np.median(total))
        for _ in range(REWEIGHTED):
            slope = power * total ** (power - 1)
            working = total + (rows.target - total**power) / slope
            share = slope * rows.counts
            factors = solved(terms * share[:, None], (working * share)[:, None])[..., 0]
            total = np.maximum(np.einsum("rt,rtn->rn", factors, terms), least)
        residual = (rows.target - total**power) * rows.counts
        basis = terms * (power * total ** (power - 1) * rows.counts)[:, None]
        return _Point(exponents, kinds, factors, basis, residual, np.einsum("rn,rn->r", residual, residual))

    def equations(self, rows: _Rows, free: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Gram (R, q, q) and gradient (R, q) by the free exponents, less what the factors can follow."""
        term, which = np.nonzero(free)
        inner = (self.factors[..., None] * self.basis)[:, term] * rows.logs[which]
        followed = inner @ self.basis.transpose(0, 2, 1) @ solved(self.basis, inner)
        return inner @ inner.transpose(0, 2, 1) - followed, (inner @ self.residual[..., None])[..., 0]

    def worth(self) -> Array:
        """The sse (R,), put last where terms all but cancel each other: a difference that stands for a derivative."""
        terms = np.abs(self.factors) * np.sqrt(np.einsum("rtn,rtn->rt", self.basis, self.basis))
        whole = np.einsum("rt,rtn->rn", self.factors, self.basis)
        size = np.sqrt(np.einsum("rn,rn->r", whole, whole)) + 1e-300
        return np.where(terms.max(axis=1) > MOST_CANCELLED * size, LAST * (1 + self.sse), self.sse)


def solved(basis: Array, targets: Array) -> Array:
    """The factors (R, terms, q) with which the terms (R, terms, n) come nearest to the targets (R or 1, q, n)."""
    gram = basis @ basis.transpose(0, 2, 1)
    size = np.sqrt(np.einsum("rtt->rt", gram) + 1e-300)
    scaled = gram / (size[:, :, None] * size[:, None, :]) + RIDGE * np.eye(gram.shape[1])
    right = basis @ np.swapaxes(targets, 1, 2) / size[:, :, None]
    result: Array = np.linalg.solve(scaled, right) / size[:, :, None]
    return result
