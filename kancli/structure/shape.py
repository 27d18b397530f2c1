"""Signs of slopes and curvatures, and how much the target changes with each input."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kancli.structure.claims import Asked
from kancli.structure.surrogate import derivatives, exponents, terms
from kancli.structure.value import Claim, Influence
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# A sign is sure beyond so many standard errors; it must be so at this share of the rows, and the other one nowhere.
SURE, MOSTLY = 3.0, 0.8
# Of the range of each input the outer parts, where polynomials are free to bend, do not count.
INNER = 0.95
# A normal distribution has 95 % within so many deviations.
NORMAL = 1.96


def signs(asked: Asked) -> Iterator[Claim]:
    """Increasing, decreasing, convex and concave inputs."""
    inside = np.asarray((np.abs(asked.z) <= INNER).all(axis=1))
    for i, name in enumerate(asked.names):
        sign = sign_of(asked, i, 1, inside)
        if sign:
            yield Claim(
                "monotonic", (name,), f"{'increases' if sign > 0 else 'decreases'} with {name}", value=sign
            )
        if asked.x[:, i].min() > 0 and asked.x[:, i].max() > 10 * asked.x[:, i].min():
            continue  # its coordinate is a logarithm, whose curvature is another one
        sign = sign_of(asked, i, 2, inside)
        if sign:
            yield Claim("convex", (name,), f"{'convex' if sign > 0 else 'concave'} in {name}", value=sign)


def sign_of(asked: Asked, input: int, order: int, inside: NDArray[np.bool_]) -> float:
    """1 or -1 where a derivative has that sign at the rows `inside`; 0 where it changes or is not known."""
    if asked.all.degree < order or not inside.any():
        return 0.0
    slope, error = derivatives(asked.z, asked.y, asked.all.degree, input, order)
    least = 1e-6 * float(np.abs(slope).max())
    t = slope[inside] / np.maximum(error[inside], least or 1.0)
    for sign in (1.0, -1.0):
        if float(np.mean(sign * t > SURE)) >= MOSTLY and not (sign * t < -SURE).any():
            return sign
    return 0.0


def influences(asked: Asked, seed: int) -> list[Influence]:
    """The mean square of what exchanging an input between rows changes, over twice the variance (Jansen 1999): its
    total effect; the interval is that of the mean over the rows."""
    several = exponents(len(asked.names), asked.all.degree)
    full = np.column_stack([np.ones(len(asked.y)), terms(asked.z, several)])
    theta = lstsq(full, asked.y, rcond=1e-11)
    values, generator = full @ theta, np.random.default_rng(seed)
    found = []
    for i, name in enumerate(asked.names):
        z = asked.z.copy()
        z[:, i] = generator.permutation(z[:, i])
        other = theta[0] + terms(z, several) @ theta[1:]
        each = (values - other) ** 2 / 2 / float(asked.y.var())
        half = NORMAL * float(each.std()) / math.sqrt(len(each))
        share = float(each.mean())
        found.append(Influence(name, share, max(share - half, 0.0), share + half))
    return found
