"""The description length of a fitted expression, in bits: error, free constants, exact constants, structure.

The prices are those of `symbolic.description`; here the standard errors come from a fit, and the floor under the mean
square is the rounding error of float64 arithmetic in this expression: below it a smaller error is no better a fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.proposals import bits
from kancli.symbolic.constants.refit import Refit
from kancli.symbolic.description import described, free_bits, left_over
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Call, Constant, Expression, constants, exact_constants, walk

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Length:
    """`bits` is the whole length, `mse` (floor included) what the error term was taken from."""

    bits: float
    mse: float


_STEPS = frozenset({"floor", "ceiling"})


def rounding_floor(expression: Expression, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The error that float64 arithmetic alone leaves: of the values, and of inputs moved by one rounding."""
    level = 32 * _EPS * float(np.sqrt(np.mean(y * y)))
    if any(isinstance(node, Call) and node.function in _STEPS for node in walk(expression)):
        return level  # whole inputs stand at the jumps of floor: those are no rounding
    turn = np.where(np.arange(x.size).reshape(x.shape) % 3 == 0, 1.0, -1.0)
    moved = evaluate(expression, x * (1 + _EPS * turn)) - evaluate(expression, x)
    shift = float(np.sqrt(np.mean(moved * moved)))
    return level + 4 * shift if math.isfinite(shift) else level


def deviations(fitted: Refit, mse: float) -> NDArray[np.float64]:
    """Standard errors at the error level `mse`, each given the constants before it.

    Their product is the volume that the data leave: two constants of which only the ratio is known cost
    hardly more than one. Standard errors that ignore the others would count them as one each.
    """
    if not np.isfinite(fitted.inverse_gram).all():  # nothing is known: then every constant costs its all
        return np.zeros(len(fitted.inverse_gram))
    variance = np.maximum(np.diag(fitted.inverse_gram), 0.0)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    correlation = fitted.inverse_gram / np.outer(scale, scale)
    # Its Cholesky factor, by eigenvalues and QR: rounding may leave the matrix singular.
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, _EPS))
    triangle = np.linalg.qr(root.T, mode="r")
    given_before: NDArray[np.float64] = scale * np.abs(np.diag(triangle)) * math.sqrt(mse)
    return given_before


def length(fitted: Refit, rows: int, floor: float) -> Length:
    """The description length of a refitted expression over `rows` rows."""
    mse = fitted.sse / rows + floor**2
    if not math.isfinite(mse):
        return Length(math.inf, mse)
    expression = fitted.expression
    several = constants(expression)
    own = deviations(fitted, mse * rows / left_over(rows, len(several)))
    free = [free_bits(c.value, float(d)) for c, d in zip(several, own, strict=True)]
    return Length(described(mse, rows, free, exact_bits(expression), nodes_of(expression)), mse)


def exact_bits(expression: Expression) -> list[float]:
    """What each exact constant of an expression costs."""
    return [bits(Exact.parse(constant.exact or "0")) for constant in exact_constants(expression)]


def nodes_of(expression: Expression) -> int:
    """Nodes that are no constants."""
    return sum(not isinstance(node, Constant) for node in walk(expression))
