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
from kancli.symbolic.least_squares.single import FLAT, levenberg_marquardt, until
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array

# 1 - r² where float64 itself is exhausted.
ROUNDING = 1e-31
# Activations come from a fit or from a grid of starts: near the minimum.
NEAR = 1e-3
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
    linear = linear_parameters(activation)

    def at(inside: Array) -> _Projected:
        return projected(activation, linear, inside, curve)

    states = levenberg_marquardt(at, activation.parameters()[~linear], damping=NEAR)
    end = until(states, steps=steps, tolerance=tolerance, patience=2, floor=ROUNDING)
    return Polished(end.point.activation, end.sse)


@dataclass(frozen=True)
class _Projected:
    """The best activation with the insides given; its errors (m,), and their derivatives by the insides (m, p) with
    what c and d can follow taken out."""

    activation: Activation
    residual: Array
    inner: Array

    def jacobian(self) -> Array:
        return self.inner


def projected(activation: Activation, linear: NDArray[np.bool_], inside: Array, curve: Curve) -> _Projected:
    """The activation with `inside` for its insides; errors are infinite where that has no values, or no best c."""
    theta = np.ones(len(linear))
    theta[~linear] = inside
    unit = activation.with_parameters(theta)
    root = np.sqrt(curve.w)
    nowhere = _Projected(unit, np.full(1, math.inf), np.empty((1, 0)))
    jacobian = unit.derivatives(curve.t - curve.origin)[2] * root[:, None]
    columns = jacobian[:, linear]
    size = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    if not np.isfinite(jacobian).all() or not np.isfinite(size).all() or not (size > 0.0).all():
        return nowhere
    y = curve.y * root
    basis, triangle = np.linalg.qr(columns / size)
    if np.min(np.abs(np.diag(triangle))) < FLAT:
        return nowhere
    c = np.linalg.solve(triangle, basis.T @ y) / size
    theta[linear] = c
    inner = jacobian[:, ~linear] * np.repeat(c[:-1], _sizes(activation))
    return _Projected(activation.with_parameters(theta), columns @ c - y, inner - basis @ (basis.T @ inner))


def linear_parameters(activation: Activation) -> NDArray[np.bool_]:
    """Which of `parameters()` are c of a term, or d (p,)."""
    mask = []
    for size in _sizes(activation):
        mask += [True] + [False] * size
    return np.array([*mask, True])


def _sizes(activation: Activation) -> list[int]:
    """How many parameters lie inside each term."""
    return [sum(len(step.free()) for chain in term.chains for step in chain) for term in activation.terms]


def allowed(residual: float, floor: float, rounding: float, rows: int) -> float:
    """How high 1 - r² may rise for one number less: to the floor, or as far as the description gets shorter."""
    count = min(rows, MOST_ROWS)
    shorter = residual * math.exp((math.log(max(rows, 2)) + PER_NUMBER) / count)
    return max(floor, ROUNDED * rounding, shorter)


def reduced(fitted: Polished, curve: Curve, floor: float, rounding: float) -> Polished:
    """The activation without the numbers that the curve does not need: offsets, powers, terms."""
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
