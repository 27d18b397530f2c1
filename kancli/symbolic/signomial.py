"""Sums of products of powers, Σₖ cₖ·Πᵢ xᵢ^pₖᵢ (signomials: Duffin & Peterson, J. Optim. Theory Appl. 11, 1973).

A term may have one more factor out of a list that is given: the cosine of an angle, say.

As a network: one layer of product nodes with powers on all edges, and a sum. Because the form of every edge is known,
all terms are fitted at once from many starts, without splines: Levenberg-Marquardt in the exponents, the factors
cₖ in closed form at every step (variable projection, Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973, in the variant
of Kaufman, BIT 15, 1975, which keeps the factors' columns in the Jacobian).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Starts, and those of them that are left after so many steps.
STARTS, STEPS = 96, 60
# Starts where terms may have an extra factor, and the share of terms that begin with one.
MORE_STARTS, SHARE_WITH_EXTRA = 240, 0.4
HALVINGS = (7, 17, 32)
FEWEST = 4
# Exponents of the starts, most of them 0; how far they are scattered; and the largest that are tried.
EXPONENTS = (-2.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0)
SCATTER = 0.3
LARGEST = 6.0
FIRST_DAMPING = 1e-2
# Terms are kept below e to this, and their gram away from singular.
MOST_LOG = 60.0
RIDGE = 1e-12


@dataclass(frozen=True)
class Signomial:
    """`factors` (terms,) and `exponents` (terms, inputs) of x over `centre` (inputs,), which keeps the terms of order
    one; `extras` (terms,) says which further factor each has, 0 being none; `sse` is the weighted sum of squares."""

    factors: Array
    exponents: Array
    extras: NDArray[np.intp]
    centre: Array
    sse: float

    def raw_factors(self) -> Array:
        """The factors for x itself, (terms,)."""
        result: Array = self.factors / np.exp(self.exponents @ np.log(self.centre))
        return result


def fit_signomial(
    x: Array,
    y: Array,
    weight: Array | None,
    terms: int,
    *,
    seed: int,
    extras: Array | None = None,
    start: Signomial | None = None,
    fixed: NDArray[np.bool_] | None = None,
    steps: int = STEPS,
) -> Signomial:
    """The best of many starts; x (n, inputs) above 0, y (n,), weight (n,) of squared residuals.

    `extras` (kinds, n): values of factors of which each term may have one. `start`: go on from there instead, the
    exponents marked in `fixed` (terms, inputs) unchanged.
    """
    logs = np.log(x.T)
    centre = logs.mean(axis=1)
    root = np.ones_like(y) if weight is None else np.sqrt(weight)
    # Of order one, so that factors and exponents weigh alike.
    unit = float(np.sqrt(np.mean((root * y) ** 2))) or 1.0
    fronts = np.ones((1, len(y))) if extras is None else np.concatenate([np.ones((1, len(y))), extras])
    rows = _Rows(logs - centre[:, None], fronts * root, root * y / unit)
    if start is None:
        exponents, kinds = draws(len(logs), terms, len(fronts) - 1, np.random.default_rng(seed))
    else:
        exponents, kinds = start.exponents[None].copy(), start.extras[None]
    free = np.ones(exponents.shape[1:], dtype=bool) if fixed is None else ~fixed
    state = _State.at(exponents, kinds, rows)
    damping = np.full(len(exponents), FIRST_DAMPING)
    for step in range(steps):
        if not free.any():
            break
        moved = np.clip(state.exponents + state.step(rows, free, damping), -LARGEST, LARGEST)
        trial = _State.at(moved, state.kinds, rows)
        better = trial.sse < state.sse
        state = trial.where(better, state)
        damping = np.clip(np.where(better, damping / 5, damping * 4), 1e-12, 1e12)
        if step in HALVINGS:
            kept = np.argsort(state.sse, kind="stable")[: max(FEWEST, len(damping) // 3)]
            state, damping = state.select(kept), damping[kept]
    best = int(np.argmin(state.sse))
    return Signomial(
        unit * state.factors[best],
        state.exponents[best],
        state.kinds[best],
        np.exp(centre),
        unit**2 * float(state.sse[best]),
    )


def draws(
    inputs: int, terms: int, kinds: int, generator: np.random.Generator
) -> tuple[Array, NDArray[np.intp]]:
    """Exponents (R, terms, inputs) and extra factors (R, terms) to start from; twice as many where there are such."""
    runs = STARTS if not kinds else MORE_STARTS
    shape = (runs, terms, inputs)
    exponents = generator.choice(EXPONENTS, size=shape) + SCATTER * generator.normal(size=shape)
    if not kinds:
        return exponents, np.zeros((runs, terms), dtype=np.intp)
    with_one = generator.random((runs, terms)) < SHARE_WITH_EXTRA
    chosen = generator.integers(1, kinds + 1, size=(runs, terms))
    return exponents, np.where(with_one, chosen, 0).astype(np.intp)


@dataclass(frozen=True)
class _Rows:
    """Centred logarithms of the inputs (inputs, n), extra factors (kinds, n) and target (n,), the last two times the
    root of the weight."""

    logs: Array
    fronts: Array
    target: Array


@dataclass(frozen=True)
class _State:
    """A batch of R iterates: exponents (R, terms, inputs), extra factors `kinds` (R, terms), factors (R, terms), the
    terms (R, terms, n) without their factors, residuals (R, n), sse (R,)."""

    exponents: Array
    kinds: NDArray[np.intp]
    factors: Array
    basis: Array
    residual: Array
    sse: Array

    @staticmethod
    def at(exponents: Array, kinds: NDArray[np.intp], rows: _Rows) -> _State:
        basis = np.exp(np.clip(exponents @ rows.logs, -MOST_LOG, MOST_LOG)) * rows.fronts[kinds]
        gram = basis @ basis.transpose(0, 2, 1)
        size = np.einsum("rtt->rt", gram) + 1e-300
        scaled = gram / np.sqrt(size[:, :, None] * size[:, None, :]) + RIDGE * np.eye(gram.shape[1])
        right = (basis @ rows.target) / np.sqrt(size)
        factors = np.linalg.solve(scaled, right[..., None])[..., 0] / np.sqrt(size)
        residual = rows.target - np.einsum("rt,rtn->rn", factors, basis)
        return _State(exponents, kinds, factors, basis, residual, np.einsum("rn,rn->r", residual, residual))

    def step(self, rows: _Rows, free: NDArray[np.bool_], damping: Array) -> Array:
        """The change of the exponents (R, terms, inputs); 0 where they are not free (terms, inputs)."""
        runs, terms, _ = self.basis.shape
        term, which = np.nonzero(free)
        inner = (self.factors[..., None] * self.basis)[:, term] * rows.logs[which]
        jacobian = np.concatenate([self.basis, inner], axis=1)
        gram = jacobian @ jacobian.transpose(0, 2, 1)
        size = np.einsum("rpp->rp", gram)
        size = size + 1e-6 * size.mean(axis=1, keepdims=True) + 1e-300
        root = np.sqrt(size)
        damped = gram / (root[:, :, None] * root[:, None, :]) + damping[:, None, None] * np.eye(size.shape[1])
        right = (jacobian @ self.residual[..., None]) / root[..., None]
        moved = np.linalg.solve(damped + RIDGE * np.eye(size.shape[1]), right)[..., 0] / root
        change = np.zeros((runs, terms, len(rows.logs)))
        change[:, term, which] = moved[:, terms:]
        return change

    def where(self, take: NDArray[np.bool_], other: _State) -> _State:
        """These runs where `take` (R,), the other's elsewhere."""

        def pick(one: Array, two: Array) -> Array:
            return np.where(take.reshape(-1, *[1] * (one.ndim - 1)), one, two)

        return _State(
            pick(self.exponents, other.exponents),
            self.kinds,
            pick(self.factors, other.factors),
            pick(self.basis, other.basis),
            pick(self.residual, other.residual),
            pick(self.sse, other.sse),
        )

    def select(self, runs: NDArray[np.intp]) -> _State:
        return _State(
            self.exponents[runs],
            self.kinds[runs],
            self.factors[runs],
            self.basis[runs],
            self.residual[runs],
            self.sse[runs],
        )
