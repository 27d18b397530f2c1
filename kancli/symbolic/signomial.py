"""Sums of products of powers, Σₖ cₖ·Πᵢ xᵢ^pₖᵢ (signomials: Duffin & Peterson, J. Optim. Theory Appl. 11, 1973).

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
STARTS, STEPS = 48, 60
HALVINGS = (15, 30)
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
    one; `sse` is the weighted sum of squares."""

    factors: Array
    exponents: Array
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
    start: Array | None = None,
    fixed: NDArray[np.bool_] | None = None,
    steps: int = STEPS,
) -> Signomial:
    """The best of many starts; x (n, inputs) above 0, y (n,), weight (n,) of squared residuals.

    `start` (terms, inputs): go on from these exponents instead, those of them marked in `fixed` unchanged.
    """
    logs = np.log(x.T)
    centre = logs.mean(axis=1)
    logs = logs - centre[:, None]
    root = np.ones_like(y) if weight is None else np.sqrt(weight)
    # Of order one, so that factors and exponents weigh alike.
    unit = float(np.sqrt(np.mean((root * y) ** 2))) or 1.0
    target = root * y / unit
    if start is None:
        draw = np.random.default_rng(seed)
        shape = (STARTS, terms, len(logs))
        exponents = draw.choice(EXPONENTS, size=shape) + SCATTER * draw.normal(size=shape)
    else:
        exponents = start[None].copy()
    free = np.ones(exponents.shape[1:], dtype=bool) if fixed is None else ~fixed
    state = _State.at(exponents, logs, root, target)
    damping = np.full(len(exponents), FIRST_DAMPING)
    for step in range(steps):
        if not free.any():
            break
        trial = _State.at(
            np.clip(state.exponents + state.step(logs, free, damping), -LARGEST, LARGEST),
            logs,
            root,
            target,
        )
        better = trial.sse < state.sse
        state = trial.where(better, state)
        damping = np.clip(np.where(better, damping / 5, damping * 4), 1e-12, 1e12)
        if step in HALVINGS:
            kept = np.argsort(state.sse, kind="stable")[: max(FEWEST, len(damping) // 3)]
            state, damping = state.select(kept), damping[kept]
    best = int(np.argmin(state.sse))
    return Signomial(
        unit * state.factors[best], state.exponents[best], np.exp(centre), unit**2 * float(state.sse[best])
    )


@dataclass(frozen=True)
class _State:
    """A batch of R iterates: exponents (R, terms, inputs), factors (R, terms), the terms (R, terms, n) without their
    factors, residuals (R, n), sse (R,); terms and residuals times the root of the weight."""

    exponents: Array
    factors: Array
    basis: Array
    residual: Array
    sse: Array

    @staticmethod
    def at(exponents: Array, logs: Array, root: Array, target: Array) -> _State:
        basis = np.exp(np.clip(exponents @ logs, -MOST_LOG, MOST_LOG)) * root
        gram = basis @ basis.transpose(0, 2, 1)
        size = np.einsum("rtt->rt", gram) + 1e-300
        scaled = gram / np.sqrt(size[:, :, None] * size[:, None, :]) + RIDGE * np.eye(gram.shape[1])
        right = (basis @ target) / np.sqrt(size)
        factors = np.linalg.solve(scaled, right[..., None])[..., 0] / np.sqrt(size)
        residual = target - np.einsum("rt,rtn->rn", factors, basis)
        return _State(exponents, factors, basis, residual, np.einsum("rn,rn->r", residual, residual))

    def step(self, logs: Array, free: NDArray[np.bool_], damping: Array) -> Array:
        """The change of the exponents (R, terms, inputs); 0 where they are not free (terms, inputs)."""
        runs, terms, _ = self.basis.shape
        term, which = np.nonzero(free)
        inner = (self.factors[..., None] * self.basis)[:, term] * logs[which]
        jacobian = np.concatenate([self.basis, inner], axis=1)
        gram = jacobian @ jacobian.transpose(0, 2, 1)
        size = np.einsum("rpp->rp", gram)
        size = size + 1e-6 * size.mean(axis=1, keepdims=True) + 1e-300
        root = np.sqrt(size)
        damped = gram / (root[:, :, None] * root[:, None, :]) + damping[:, None, None] * np.eye(size.shape[1])
        right = (jacobian @ self.residual[..., None]) / root[..., None]
        moved = np.linalg.solve(damped + RIDGE * np.eye(size.shape[1]), right)[..., 0] / root
        change = np.zeros((runs, terms, len(logs)))
        change[:, term, which] = moved[:, terms:]
        return change

    def where(self, take: NDArray[np.bool_], other: _State) -> _State:
        """These runs where `take` (R,), the other's elsewhere."""

        def pick(one: Array, two: Array) -> Array:
            return np.where(take.reshape(-1, *[1] * (one.ndim - 1)), one, two)

        return _State(
            pick(self.exponents, other.exponents),
            pick(self.factors, other.factors),
            pick(self.basis, other.basis),
            pick(self.residual, other.residual),
            pick(self.sse, other.sse),
        )

    def select(self, runs: NDArray[np.intp]) -> _State:
        return _State(
            self.exponents[runs], self.factors[runs], self.basis[runs], self.residual[runs], self.sse[runs]
        )
