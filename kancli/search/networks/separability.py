"""Which inputs enter a fitted function only together: F(a(xᵢ) + b(xⱼ), the others).

Then (∂f/∂xᵢ)/(∂f/∂xⱼ) = a'(xᵢ)/b'(xⱼ) depends on xᵢ and xⱼ alone, and is a product of one function of each
(the generalised symmetry of AI Feynman 2, Udrescu et al. 2020, section II.B). Asked without a quotient, so
that slopes may pass through zero: are there functions A and B for which ∂ᵢf·B(xⱼ) = ∂ⱼf·A(xᵢ) at every row?
With polynomials for A and B that is the smallest generalised eigenvalue of a small matrix.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.search.ties import ranked

Array = NDArray[np.float64]

# Degree of the polynomials that stand for a' and b'.
DEGREE = 5
RIDGE = 1e-9
# Slopes of a fitted network err by some percent: up to this disagreement two inputs may belong together,
# and those that do agree within this factor of the best pair.
MOST = 0.03
ALIKE = 6.0


def disagreement(slopes: Array, x: Array) -> Array:
    """For every pair of inputs (d, d) the share of the slopes (d, n) at x (d, n) that no A and B explain.

    0 where two inputs enter only together, near 1 where they do not.
    """
    inputs = len(x)
    found = np.ones((inputs, inputs))
    bases = [polynomials(row) for row in x]
    scale = np.sqrt(np.mean(slopes**2, axis=1)) + 1e-300
    for i, j in combinations(range(inputs), 2):
        one = bases[j] * (slopes[i] / scale[i])[:, None]
        other = -bases[i] * (slopes[j] / scale[j])[:, None]
        both = np.hstack([one, other])
        gram = both.T @ both
        own = np.zeros_like(gram)
        size = one.shape[1]
        own[:size, :size], own[size:, size:] = gram[:size, :size], gram[size:, size:]
        own += RIDGE * np.trace(own) / len(own) * np.eye(len(own))
        inverse = np.linalg.inv(np.linalg.cholesky(own))
        found[i, j] = found[j, i] = max(float(np.linalg.eigvalsh(inverse @ gram @ inverse.T)[0]), 0.0)
    return found


def polynomials(x: Array) -> Array:
    """Legendre polynomials of x (n,) scaled to [-1, 1], (n, DEGREE + 1)."""
    middle, half = (x.max() + x.min()) / 2, (x.max() - x.min()) / 2 or 1.0
    return np.polynomial.legendre.legvander((x - middle) / half, DEGREE)


def clusters(disagree: Array, most: float = MOST) -> list[tuple[int, ...]]:
    """Disjoint groups of two or more inputs in which every pair agrees, those that agree best first."""
    inputs = len(disagree)
    best = float(disagree[~np.eye(inputs, dtype=bool)].min(initial=1.0))
    limit = min(most, ALIKE * best)
    free = set(range(inputs))
    found: list[tuple[int, ...]] = []
    pairs = sorted(combinations(range(inputs), 2), key=lambda p: ranked(float(disagree[p])))
    for i, j in pairs:
        if disagree[i, j] > limit or not {i, j} <= free:
            continue
        group = [i, j]
        for k in sorted(free - {i, j}, key=lambda k: ranked(max(disagree[k, i], disagree[k, j]))):
            if all(disagree[k, m] <= limit for m in group):
                group.append(k)
        free -= set(group)
        found.append(tuple(sorted(group)))
    return found
