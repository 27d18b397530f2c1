"""Many sets of constants of one form at once, those that enter linearly solved for (variable projection).

Given the others, the linear constants of a form are a least-squares problem (Golub & Pereyra, SIAM J. Numer. Anal.
10, 1973), so that only the others are guessed and take steps, with Kaufman's Jacobian (BIT 15, 1975). The problems
are stacked: a thousand guesses cost little more than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.forms.form import Bound
from kancli.symbolic.least_squares.batched import Points
from kancli.work import spend

Array = NDArray[np.float64]

# A column of which less than this share is new is a combination of those before it.
SAME_COLUMN = 1e-11
# Numbers in the largest stack.
STACK = 2_000_000


@dataclass(frozen=True)
class Projected:
    """A form on rows, its constants `linear` (names,) solved for.

    `y` and `root` (n,): the target, and the roots of the weights of its squares. The errors are in units of `unit`.
    """

    bound: Bound
    linear: NDArray[np.bool_]
    y: Array
    root: Array
    unit: float

    @staticmethod
    def of(bound: Bound, linear: NDArray[np.bool_], y: Array, weight: Array | None) -> Projected:
        """The problem of a bound form; `weight` (n,) of squared residuals."""
        root = np.ones(len(y)) if weight is None else np.sqrt(weight)
        return Projected(bound, linear, y, root, float(np.max(np.abs(y), initial=0.0)) or 1.0)

    def solved(self, bent: Array) -> tuple[Array, Array]:
        """All constants (K, names) at the others `bent` (K, those not linear), and the sums of squares (K,), infinite
        where the form has no value on some row."""
        found = [self._solved(part)[:2] for part in self._stacks(bent)]
        return np.concatenate([theta for theta, _ in found]), np.concatenate([sse for _, sse in found])

    def points(self, bent: Array, which: NDArray[np.intp]) -> Points:
        """The projected problems at `bent` (K, q) with their normal equations."""
        found = [self._points(part) for part in self._stacks(bent)]
        return Points(
            np.concatenate([part.sse for part in found]),
            np.concatenate([part.gram for part in found]),
            np.concatenate([part.gradient for part in found]),
        )

    def _stacks(self, bent: Array) -> list[Array]:
        each = max(STACK // (len(self.y) * (self.bound.names + 1)), 1)
        return [bent[start : start + each] for start in range(0, len(bent), each)]

    def _solved(self, bent: Array) -> tuple[Array, Array, Array, Array]:
        """Constants (K, names), sums of squares (K,), residuals (K, n), an orthonormal basis (K, n, linear)."""
        theta = np.ones((len(bent), self.bound.names))
        theta[:, ~self.linear] = bent
        with np.errstate(all="ignore"):
            values, jacobian = self.bound.many(theta)
            columns = np.swapaxes(jacobian[:, self.linear], 1, 2)
            fixed = values - columns.sum(axis=2)
            right = (self.y - fixed) / self.unit * self.root
            columns = columns * (self.root / self.unit)[:, None]
            bad = ~(np.isfinite(right).all(axis=1) & np.isfinite(columns).all(axis=(1, 2)))
            right[bad], columns[bad] = 0.0, 0.0
            basis, solution = _least_squares(columns, right)
            theta[:, self.linear] = solution
            residual = right - np.einsum("knl,kl->kn", basis, np.einsum("knl,kn->kl", basis, right))
            sse = np.einsum("kn,kn->k", residual, residual)
        bad |= ~(np.isfinite(sse) & np.isfinite(theta).all(axis=1))
        return theta, np.where(bad, np.inf, sse), residual, basis

    def _points(self, bent: Array) -> Points:
        theta, sse, residual, basis = self._solved(bent)
        with np.errstate(all="ignore"):
            _, jacobian = self.bound.many(theta)
            moving = jacobian[:, ~self.linear] / self.unit * self.root
            moving = moving - np.einsum("kqn,knl->kql", moving, basis) @ np.swapaxes(basis, 1, 2)
            gram = moving @ np.swapaxes(moving, 1, 2)
            gradient = np.einsum("kqn,kn->kq", moving, residual)
        bad = ~(np.isfinite(gram).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1))
        gram[bad], gradient[bad] = 0.0, 0.0
        return Points(np.where(bad, np.inf, sse), gram, gradient)


def _least_squares(columns: Array, right: Array) -> tuple[Array, Array]:
    """An orthonormal basis (K, n, L) of columns (K, n, L), and their coefficients (K, L) for right (K, n).

    Columns that are combinations of those before them have a basis vector and a coefficient of 0.
    """
    count, rows, several = columns.shape
    if not several:
        return columns, np.zeros((count, 0))
    largest = np.max(np.abs(columns), axis=1)
    largest[largest == 0.0] = 1.0
    scaled = columns / largest[:, None, :]
    norm = np.sqrt(np.einsum("knl,knl->kl", scaled, scaled))
    norm[norm == 0.0] = 1.0
    if rows < several:  # no more than the rows can be determined
        scaled = np.concatenate([scaled, np.zeros((count, several - rows, several))], axis=1)
    spend(4.0 * scaled.size * several, calls=3)
    basis, triangle = np.linalg.qr(scaled / norm[:, None, :])
    basis = basis[:, :rows]
    diagonal = np.abs(np.einsum("kll->kl", triangle))
    redundant = diagonal < SAME_COLUMN
    basis = np.where(redundant[:, None, :], 0.0, basis)
    triangle = np.where(redundant[:, :, None], np.eye(several), triangle)
    along = np.einsum("knl,kn->kl", basis, right)
    solution = np.linalg.solve(triangle, along[:, :, None])[:, :, 0]
    return basis, solution / norm / largest
