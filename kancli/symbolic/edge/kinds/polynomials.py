"""Polynomials of any degree up to ten about the raw origin, all terms or some."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import legendre

from kancli.symbolic.edge.chains.polish import PER_NUMBER
from kancli.symbolic.edge.ranking import MOST_ROWS
from kancli.symbolic.edge.scaling import Scaled
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import NAMED_POWERS

HIGHEST = 10
LOWEST = 3
# Beyond this ratio of half range to distance from the origin, powers about the origin are all alike.
REMOTE = 4.0


def whole_polynomials(edge: Scaled, floor: float, names: frozenset[str]) -> list[Activation]:
    """The polynomial of s and scaled y of the lowest degree that reaches the floor, else of the best degree.

    None where the raw origin is far from the data, or they are too few.
    """
    curve = edge.curve
    if abs(curve.origin) > REMOTE or len(curve.t) <= HIGHEST + 2:
        return []
    root = np.sqrt(curve.w)
    basis, _ = np.linalg.qr(legendre.legvander(curve.t, HIGHEST) * root[:, None])
    along = basis.T @ (curve.y * root)
    errors = [
        float(np.sum((curve.y * root - basis[:, : k + 1] @ along[: k + 1]) ** 2)) for k in range(HIGHEST + 1)
    ]
    degree = next((k for k, error in enumerate(errors) if error <= max(floor, edge.rounding)), None)
    if degree is None:
        rows = min(len(curve.t), MOST_ROWS)
        cost = [rows * math.log(max(error, edge.rounding, 1e-300)) for error in errors]
        cost = [bits + k * (math.log(len(curve.t)) + 2 * PER_NUMBER) for k, bits in enumerate(cost)]
        degree = int(np.argmin(cost))
    if degree < LOWEST:
        return []
    return [Activation(tuple(Term(1.0, (monomial(k, names),)) for k in range(1, degree + 1)), 0.0)]


def monomial(degree: int, names: frozenset[str] = frozenset()) -> Step:
    """x^degree as a step without parameters: a function of its own where the library has it."""
    if degree == 1:
        return Step("x", 1.0, 0.0)
    name = NAMED_POWERS.get(degree, "")
    if name in names:
        return Step(name, 1.0, 0.0)
    return Step("x", 0.0, 0.0, higher=(0.0,) * (degree - 2) + (1.0,))
