"""Distributions of errors of one size: normal ones, and three with longer tails, each by iterated weights.

A residual of u standard deviations counts with the weight w(u) = -p'(u)/(u·p(u)); the fit with these weights, again
and again, ends at the greatest likelihood (Holland & Welsch 1977).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LossName = Literal["squares", "t", "huber", "l1"]

# Degrees of freedom of Student's t: few, so that an outlier of 50 σ hardly counts. (Lange, Little & Taylor 1989.)
FREEDOM = 4.0
# Huber's bend, in σ: 95 % efficient for normal errors. (Huber 1964.)
BEND = 1.345
# An absolute residual below this share of the mean one has the weight of one of that size: 1/0 is none.
LEAST = 1e-3
# 1.4826 times the median of absolute residuals is σ.
MEDIAN = 1.4826
_NORMAL = 0.5 * math.log2(2 * math.pi * math.e)


@dataclass(frozen=True)
class Loss:
    """A distribution by name; `bits`: what it takes to name it."""

    name: LossName
    bits: float

    def weight(self, u: Array) -> Array:
        """The weight of residuals of u scales, (n,)."""
        if self.name == "t":
            found: Array = (FREEDOM + 1) / (FREEDOM + u**2)
            return found
        if self.name == "huber":
            return np.minimum(1.0, BEND / np.maximum(np.abs(u), 1e-300))
        if self.name == "l1":
            return 1 / np.maximum(np.abs(u), LEAST)
        return np.ones_like(u)

    def scale(self, residual: Array, before: float) -> float:
        """The next estimate of the scale."""
        if self.name == "l1":
            return float(np.mean(np.abs(residual)))
        if self.name == "huber":
            return robust_scale(residual)
        return math.sqrt(float(np.mean(self.weight(residual / before) * residual**2)))

    def bits_of(self, residual: Array, scale: float) -> float:
        """-log₂ of the density, less what normal errors of a scale of 1 cost: n·log₂ σ for those of scale σ."""
        u = residual / scale
        if self.name == "t":
            normaliser = 0.5 * math.log2(FREEDOM * math.pi) + (
                math.lgamma(FREEDOM / 2) - math.lgamma(FREEDOM / 2 + 0.5)
            ) / math.log(2)
            each = normaliser + (FREEDOM + 1) / 2 * np.log2(1 + u**2 / FREEDOM)
        elif self.name == "huber":
            inside = math.sqrt(2 * math.pi) * math.erf(BEND / math.sqrt(2))
            normaliser = math.log2(inside + 2 / BEND * math.exp(-(BEND**2) / 2))
            size = np.abs(u)
            rho = np.where(size <= BEND, u**2 / 2, BEND * size - BEND**2 / 2)
            each = normaliser + rho / math.log(2)
        elif self.name == "l1":
            each = 1.0 + np.abs(u) / math.log(2)
        else:
            each = 0.5 * math.log2(2 * math.pi) + u**2 / 2 / math.log(2)
        return float(np.sum(each)) + len(u) * (math.log2(scale) - _NORMAL)


SQUARES = Loss("squares", 0.0)
# EXPERIMENTS: error-models
LOSSES: dict[LossName, Loss] = {
    "squares": SQUARES,
    "t": Loss("t", 2.0),
    "huber": Loss("huber", 2.0),
    "l1": Loss("l1", 2.0),
}


def robust_scale(residual: Array) -> float:
    """σ of the bulk of the residuals, whatever the others are."""
    return MEDIAN * float(np.median(np.abs(residual)))
