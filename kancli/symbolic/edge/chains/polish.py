"""One activation of any form fitted to one curve, and made as plain as the curve allows.

Works on an activation of s, the scaled x measured from the raw origin, and scaled y.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.ranking import MOST_ROWS, ROUNDED
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array

LARGEST_DAMPING = 1e10
ROUNDING = 1e-31
# Nats that a description grows by for every number and what has to be written with it, apart from ½·log n.
PER_NUMBER = 2.0
# A number is tried without only where that is expected to cost at most this many times what it may.
HOPELESS = 30.0
FIRST_STEPS = 6


@dataclass(frozen=True)
class Polished:
    """`residual`: 1 - r²."""

    activation: Activation
    residual: float


def polish(activation: Activation, curve: Curve, steps: int = 40, tolerance: float = 1e-6) -> Polished:
    """Levenberg–Marquardt on everything inside the chains; c of every term and d in closed form each time.

    Variable projection (Golub & Pereyra 1973) with Kaufman's Jacobian, by QR. Residuals never rise.
    """
    with np.errstate(all="ignore"):
        return _Problem(activation, curve).solve(steps, tolerance)


class _Problem:
    """An activation's insides as unknowns."""

    def __init__(self, activation: Activation, curve: Curve) -> None:
        self.activation, self.curve = activation, curve
        self.s = curve.t - curve.origin
        self.root = np.sqrt(curve.w)
        self.linear = linear_parameters(activation)

    def solve(self, steps: int, tolerance: float) -> Polished:
        current, residual, system = self.at(self.activation.parameters()[~self.linear])
        damping, idle = 1e-3, 0
        for _ in range(steps):
            if system is None or residual <= ROUNDING or not len(system[0]):
                break
            theta = current.parameters()[~self.linear]
            trial, error, new = self.at(theta + _step(*system, damping))
            if error < residual:
                idle = idle + 1 if residual - error < tolerance * residual else 0
                current, residual, system = trial, error, new
                damping = max(damping * 0.2, 1e-14)
            else:
                damping *= 6.0
            if damping > LARGEST_DAMPING or idle >= 2:
                break
        return Polished(current, residual)

    def at(self, inside: Array) -> tuple[Activation, float, tuple[Array, Array] | None]:
        """The best activation with these insides, its 1 - r², and R and Qᵀr of the projected Jacobian."""
        theta = np.empty(len(self.linear))
        theta[self.linear], theta[~self.linear] = 1.0, inside
        unit = self.activation.with_parameters(theta)
        _, _, jacobian = unit.derivatives(self.s)
        jacobian = jacobian * self.root[:, None]
        columns = jacobian[:, self.linear]
        size = np.sqrt(np.einsum("ij,ij->j", columns, columns))
        if not np.isfinite(jacobian).all() or not (size > 0.0).all():
            return unit, math.inf, None
        y = self.curve.y * self.root
        basis, triangle = np.linalg.qr(columns / size)
        if np.min(np.abs(np.diag(triangle))) < 1e-13:
            return unit, math.inf, None
        c = np.linalg.solve(triangle, basis.T @ y) / size
        r = y - columns @ c
        residual = float(r @ r)
        theta[self.linear] = c
        best = self.activation.with_parameters(theta)
        if not math.isfinite(residual) or not np.isfinite(c).all():
            return best, math.inf, None
        outside = np.repeat(c[:-1], _sizes(self.activation))
        inner = jacobian[:, ~self.linear] * outside
        inner = inner - basis @ (basis.T @ inner)
        orthogonal, upper = np.linalg.qr(inner)
        return best, residual, (upper, orthogonal.T @ r)


def linear_parameters(activation: Activation) -> NDArray[np.bool_]:
    """Which of `parameters()` are c of a term, or d (p,)."""
    mask = []
    for size in _sizes(activation):
        mask += [True] + [False] * size
    return np.array([*mask, True])


def _sizes(activation: Activation) -> list[int]:
    """How many parameters lie inside each term."""
    return [sum(len(step.free()) for chain in term.chains for step in chain) for term in activation.terms]


def _step(upper: Array, along: Array, damping: float) -> Array:
    """min ‖Rδ - Qᵀr‖² + λ‖Dδ‖², D the column norms of R."""
    norm = np.sqrt(np.einsum("ij,ij->j", upper, upper))
    norm[~(norm > 0.0)] = 1.0
    system = np.concatenate([upper / norm, math.sqrt(damping) * np.eye(len(norm))])
    right = np.concatenate([along, np.zeros(len(norm))])
    return np.asarray(np.linalg.lstsq(system, right, rcond=1e-14)[0] / norm)


def allowed(residual: float, floor: float, rounding: float, rows: int) -> float:
    """How high 1 - r² may rise for one number less: to the floor, or as far as the description gets shorter."""
    count = min(rows, MOST_ROWS)
    shorter = residual * math.exp((math.log(max(rows, 2)) + PER_NUMBER) / count)
    return max(floor, ROUNDED * rounding, shorter)


def reduced(fitted: Polished, curve: Curve, floor: float, rounding: float) -> Polished:
    """The activation without the numbers that the curve does not ask for: offsets, powers, terms."""
    with np.errstate(all="ignore"):
        rows = len(curve.t)
        given_up: set[tuple[str, ...]] = set()
        while True:
            limit = allowed(fitted.residual, floor, rounding, rows)
            for _, name, plainer in sorted(_plainer(fitted, curve, limit), key=lambda item: item[:2]):
                if name in given_up:
                    continue
                trial = polish(plainer, curve, steps=FIRST_STEPS)
                if trial.residual <= HOPELESS * limit:
                    trial = polish(trial.activation, curve)
                if trial.residual <= limit:
                    fitted = trial
                    given_up = set()
                    break
                given_up.add(name)
            else:
                return fitted


def _plainer(
    fitted: Polished, curve: Curve, limit: float
) -> Iterator[tuple[float, tuple[str, ...], Activation]]:
    """Activations with one number less: the expected 1 - r² (to first order), what was left out, the start."""
    activation = fitted.activation
    theta = activation.parameters()
    jacobian = activation.derivatives(curve.t - curve.origin)[2] * np.sqrt(curve.w)[:, None]
    if not np.isfinite(jacobian).all():
        return
    norm = np.sqrt(np.einsum("ij,ij->j", jacobian, jacobian))
    norm[~(norm > 0.0)] = 1.0
    _, singular, right = np.linalg.svd(jacobian / norm, full_matrices=False)
    spread = right.T / np.maximum(singular, 1e-13)
    variance = np.einsum("ij,ij->i", spread, spread) / norm**2
    position = 0
    for i, term in enumerate(activation.terms):
        others = activation.terms[:i] + activation.terms[i + 1 :]
        if others:
            cost = fitted.residual + theta[position] ** 2 / variance[position]
            if cost <= HOPELESS * limit:
                yield float(cost), ("term", term.name), Activation(others, activation.d)
        position += 1
        for k, chain in enumerate(term.chains):
            for level, step in enumerate(chain):
                for name in step.free():
                    cost = fitted.residual + theta[position] ** 2 / variance[position]
                    position += 1
                    # A full change of a nested number is far from linear: the estimate only sorts.
                    if cost > HOPELESS * limit and name != "b":
                        continue
                    plain = without(step, name)
                    if plain is None:
                        continue
                    steps = (*chain[:level], plain, *chain[level + 1 :])
                    yield (
                        float(cost),
                        (str(i), str(k), str(level), name),
                        _with_chain(activation, i, k, steps),
                    )
                if step.higher and step.of.scale != "free":
                    # The leading coefficient is 1 by choice; without it, another one is.
                    for degree, lower in enumerate(lowered(step)):
                        steps = (*chain[:level], lower, *chain[level + 1 :])
                        key = (str(i), str(k), str(level), f"above {degree}")
                        yield fitted.residual, key, _with_chain(activation, i, k, steps)


def _with_chain(activation: Activation, i: int, k: int, chain: tuple[Step, ...]) -> Activation:
    """The activation with another k-th chain in its i-th term."""
    term = activation.terms[i]
    chains = (*term.chains[:k], chain, *term.chains[k + 1 :])
    changed = Term(term.c, chains[0], chains[1:])
    return replace(activation, terms=(*activation.terms[:i], changed, *activation.terms[i + 1 :]))


def lowered(step: Step) -> list[Step]:
    """The step with polynomials of every lower degree, the leading coefficient 1 or -1; the lowest first."""
    coefficients = (step.a, *step.higher)
    found = []
    for degree in range(1, len(coefficients)):
        lead = coefficients[degree - 1]
        if lead == 0.0:
            continue
        by = lead if step.of.scale == "fixed" else abs(lead)
        scaled = [q / by for q in coefficients[:degree]]
        scaled[-1] = float(round(scaled[-1]))
        found.append(replace(step, a=scaled[0], b=step.b / by, higher=tuple(scaled[1:])))
    return found


def without(step: Step, name: str) -> Step | None:
    """The step with one of its parameters at nought; None where it would be nothing, or none of ours."""
    if name == "b":
        return replace(step, b=0.0)
    if name == "a":
        return replace(step, a=0.0) if any(step.higher) else None
    if name.isdigit():
        higher = list(step.higher)
        higher[int(name) - 2] = 0.0
        while higher and higher[-1] == 0.0:
            higher.pop()
        if not higher and step.a == 0.0:
            return None
        return replace(step, higher=tuple(higher))
    return None
