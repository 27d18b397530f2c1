"""Ways of joining two chains f and g into one curve, each fitted as a batch: f·g, f + g, α·f + β·g + γ·f·g, P·f.

Linear in its columns given what is inside f and g: as in `solver` they are projected out, and only the
insides take Levenberg–Marquardt steps, in the anchored coordinates of a chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, reach
from kancli.symbolic.edge.chains.solver import Anchors, Model, advance, equations, move_step
from kancli.symbolic.least_squares.batched import project
from kancli.symbolic.library.activation import Step
from kancli.symbolic.library.functions import NAMED_POWERS, Array

# How many steps the chain of each of the two has.
DEPTH = 2
# The values of one or two chains (K, m), and x measured from its raw zero (m,).
Parts: TypeAlias = list[Array]


@dataclass(frozen=True)
class Form:
    """`columns(parts, s)` (K, L, m): what is combined linearly; `multipliers(c, parts, s)`: of every chain the
    derivative of the combination with coefficients c (K, L) by the chain's value (K, m). `outside(s)` (m,) is
    what multiplies all columns, `factors` the same as chains."""

    name: str
    chains: int
    columns: Callable[[Parts, Array], Array]
    multipliers: Callable[[Array, Parts, Array], list[Array]]
    outside: Callable[[Array], Array] = np.ones_like
    factors: tuple[tuple[Step, ...], ...] = ()


def times_power(power: float) -> Form:
    """s^power·f·g, for a half power the square root of s."""

    def outside(s: Array) -> Array:
        return np.sqrt(s) if power == 0.5 else s ** int(power)

    def columns(parts: Parts, s: Array) -> Array:
        return (parts[0] * parts[1] * outside(s))[:, None, :]

    def multipliers(c: Array, parts: Parts, s: Array) -> list[Array]:
        scaled = c * outside(s)
        return [scaled * parts[1], scaled * parts[0]]

    return Form(f"x^{power:g}*f*g", 2, columns, multipliers, outside, () if power == 0 else (_power(power),))


def _power(power: float) -> tuple[Step, ...]:
    return (Step(NAMED_POWERS[power], 1.0, 0.0),)


def polynomial_times(degree: int, beside: int = 0) -> Form:
    """P(s)·f with a polynomial P of the given degree, plus one of degree `beside`."""

    def columns(parts: Parts, s: Array) -> Array:
        products = parts[0][:, None, :] * np.stack([s**k for k in range(degree + 1)])
        return _beside(products, s, beside)

    def multipliers(c: Array, parts: Parts, s: Array) -> list[Array]:
        return [c[:, : degree + 1] @ np.stack([s**k for k in range(degree + 1)])]

    return Form("P*f", 1, columns, multipliers)


def _beside(columns: Array, s: Array, degree: int) -> Array:
    """The columns (K, L, m) with s … s^degree after them."""
    powers = [np.broadcast_to(s**k, (len(columns), 1, len(s))) for k in range(1, degree + 1)]
    return np.concatenate([columns, *powers], axis=1)


PRODUCT = times_power(0)


def sum_beside(degree: int) -> Form:
    """f + g plus a polynomial of the given degree."""
    return Form(
        "f + g",
        2,
        lambda parts, s: _beside(np.stack(parts, axis=1), s, degree),
        lambda c, parts, s: [c[:, 0:1] + 0.0 * parts[0], c[:, 1:2] + 0.0 * parts[1]],
    )


SUM = sum_beside(0)
PRODUCT_AND_LINE = Form(
    "f*g + x",
    2,
    lambda parts, s: _beside((parts[0] * parts[1])[:, None, :], s, 1),
    lambda c, parts, s: [c[:, :1] * parts[1], c[:, :1] * parts[0]],
)
BILINEAR = Form(
    "f + g + f*g",
    2,
    lambda parts, s: np.stack([parts[0], parts[1], parts[0] * parts[1]], axis=1),
    lambda c, parts, s: [c[:, 0:1] + c[:, 2:3] * parts[1], c[:, 1:2] + c[:, 2:3] * parts[0]],
)


def part(batch: Problems, k: int) -> Problems:
    """The batch with only its k-th chain."""
    steps, columns = (
        slice(DEPTH * k, DEPTH * (k + 1)),
        slice(DEPTH * PER_STEP * k, DEPTH * PER_STEP * (k + 1)),
    )
    return replace(
        batch, chain=batch.chain[:, steps], theta=batch.theta[:, columns], free=batch.free[:, columns]
    )


def model_of(form: Form) -> Model:
    """The form for `solver.solve`: problems with the chains of f and g side by side."""

    def linearise(batch: Problems, theta: Array, curve: Curve) -> tuple[Array, Array, Array, Anchors]:
        batch = replace(batch, theta=theta)
        s = curve.t - curve.origin
        inner = curve.t[None, :] - batch.pivot[:, None]
        parts, derivatives, anchors, used = [], [], [], []
        for k in range(form.chains):
            mine = part(batch, k)
            value, columns = inner, list[Array]()
            for level in range(DEPTH):
                value, columns, rows, moved = advance(mine, mine.theta, level, value, columns)
                anchors.append(rows)
                used += [DEPTH * PER_STEP * k + column for column in moved]
            parts.append(value)
            derivatives.append(columns)
        best = project(form.columns(parts, s), curve.y, curve.w)
        outside = form.multipliers(best.coefficients, parts, s)
        slopes = [outside[k] * column for k, mine in enumerate(derivatives) for column in mine]
        gram, gradient = equations(best, slopes, used, batch.free, curve)
        return best.sse, gram, gradient, np.stack(anchors, axis=1)

    def retract(batch: Problems, theta: Array, step: Array, anchors: Anchors, curve: Curve) -> Array:
        moved = theta.copy()
        for k in range(form.chains):
            mine = part(replace(batch, theta=theta), k)
            columns = slice(DEPTH * PER_STEP * k, DEPTH * PER_STEP * (k + 1))
            target = moved[:, columns]
            for level in range(DEPTH):
                rows = anchors[:, DEPTH * k + level]
                inner = curve.t[rows] - batch.pivot[:, None]
                before = reach(mine, mine.theta, inner, level)
                after = reach(mine, target, inner, level)
                move_step(mine, mine.theta, step[:, columns], target, level, before, after)
        return moved

    return Model(linearise, retract)
