"""The sums of one pass over all rows, for one formula: a triangle for the next step, and its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Block, Dataset
from kancli.symbolic.errors.loss import Loss
from kancli.symbolic.errors.model import Model
from kancli.symbolic.expression import Expression, constants
from kancli.symbolic.expression.program import compiled
from kancli.symbolic.least_squares.tall import merged, triangle_of

Array = NDArray[np.float64]

# A residual beyond so many σ of the bulk is far off (as in symbolic.errors.fit).
SUSPICIOUS = 4.5
# Rows far off that are named, the farthest.
MOST_NAMED = 100


@dataclass(frozen=True)
class Fitted:
    """A formula with the model and the loss of its errors; `scale`: their σ, `bulk`: the robust one."""

    expression: Expression
    model: Model
    loss: Loss
    scale: float
    bulk: float


@dataclass(frozen=True, eq=False)
class Spread:
    """Σ w, the weighted mean of the target, its Σ w·(y − mean)², and Σ w·(f − y)²."""

    weight: float
    mean: float
    squares: float
    residual: float

    def merged(self, other: Spread) -> Spread:
        """With more rows. (Chan, Golub & LeVeque 1983.)"""
        if not other.weight or not self.weight:
            return other if not self.weight else self
        weight, step = self.weight + other.weight, other.mean - self.mean
        return Spread(
            weight,
            self.mean + step * (other.weight / weight),
            self.squares + other.squares + step**2 * self.weight * (other.weight / weight),
            self.residual + other.residual,
        )

    @property
    def r2(self) -> float | None:
        """1 − SS_res/SS_tot, None where it is undefined."""
        return 1 - self.residual / self.squares if self.squares > 0 else None


@dataclass(frozen=True, eq=False)
class PassSums:
    """`undefined`: rows where the formula, or its likelihood, has no value, which count nowhere else. `white`:
    Σ of squared residuals of one size, each times the weight that the loss gives it. `far`: the rows far off,
    (number, residual in σ of the bulk), and how many there are."""

    rows: int
    undefined: int
    triangle: Array
    every: Spread
    held: Spread
    bits: float
    white: float
    far: tuple[tuple[int, float], ...]
    far_count: int
    farthest: float

    def merged(self, other: PassSums) -> PassSums:
        """With more rows."""
        return PassSums(
            self.rows + other.rows,
            self.undefined + other.undefined,
            merged(self.triangle, other.triangle),
            self.every.merged(other.every),
            self.held.merged(other.held),
            self.bits + other.bits,
            self.white + other.white,
            farthest([*self.far, *other.far]),
            self.far_count + other.far_count,
            max(self.farthest, other.farthest),
        )


def farthest(far: list[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """The farthest of some rows."""
    return tuple(sorted(far, key=lambda one: (-abs(one[1]), one[0]))[:MOST_NAMED])


def pass_over(block: Block, form: Fitted, sample: Dataset) -> PassSums:
    """The sums of one block; `sample` sets the floors of the models of the errors, as in the search."""
    theta = np.array([c.value for c in constants(form.expression)])
    values, jacobian = compiled(form.expression, block.x).value_and_jacobian(theta)
    base = np.ones(len(block.y)) if block.weight is None else block.weight
    with np.errstate(all="ignore"):
        variance = variance_of(form.model, values, sample.y) / base
        if form.model.logarithmic():
            slope, root = jacobian / values[:, None], np.sqrt(base)
            white = np.log(block.y / values) * root
        else:
            root = 1 / np.sqrt(variance)
            slope, white = jacobian, (block.y - values) * root
    good = np.isfinite(white) & np.isfinite(jacobian).all(axis=1)
    y, values, base, white = block.y[good], values[good], base[good], white[good]
    robust = form.loss.weight(white / form.scale)
    both = np.sqrt(robust)
    triangle = triangle_of(slope[good] * (root[good] * both)[:, None], -white * both)
    held = block.held[good]
    size = np.abs(white) / form.bulk
    away = np.flatnonzero(size > SUSPICIOUS)
    numbers = np.flatnonzero(good)[away] + block.first
    signed = white[away] / form.bulk
    return PassSums(
        rows=len(block.y),
        undefined=int(np.count_nonzero(~good)),
        triangle=triangle,
        every=spread(y, values, base),
        held=spread(y[held], values[held], base[held]),
        bits=0.0,
        white=float(robust @ (white * white)),
        far=farthest(list(zip(numbers.tolist(), signed.tolist(), strict=True))),
        far_count=len(away),
        farthest=float(size.max(initial=0.0)),
    )


def variance_of(model: Model, values: Array, y: Array) -> Array:
    """The variance (n,) of rows with these values of the formula; y is the sample's target."""
    return np.ones_like(values) if model.name == "additive" else model.variance(values, y)


def spread(y: Array, values: Array, weight: Array) -> Spread:
    """Of the rows of a block."""
    total = float(weight.sum())
    if not len(y) or not total:
        return Spread(0.0, 0.0, 0.0, 0.0)
    mean = float(weight @ y) / total
    away, residual = y - mean, values - y
    return Spread(total, mean, float(weight @ (away * away)), float(weight @ (residual * residual)))


def next_scale(form: Fitted, sums: PassSums) -> Fitted:
    """With the scale that a pass has measured; those of Huber's and Laplace's loss stay as the sample has them."""
    if form.loss.name not in ("squares", "t"):
        return form
    rows = sums.rows - sums.undefined
    return replace(form, scale=math.sqrt(sums.white / rows) or form.scale) if rows else form
