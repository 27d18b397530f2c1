"""The description length of data and formula, in bits: one price list, wherever two descriptions are compared.

    L = n/2·log₂(1 + mse/floor²)  +  Σ log₂(1 + |θ|/s) + FREE  +  Σ bits(exact)  +  NODE·(nodes that are no constants)

(Rissanen 1978.) The first term is the error, in units of what cannot be seen: rounding. A free constant costs as many
bits as the data determine of it, with s its standard error; where only its number is known, ½·log₂ n (Rissanen's
estimate of the same). An exact constant costs what it takes to write (`constants.proposals.bits`), and so do
functions and operations. All comparisons are within one table, so what is the same for all formulas is left out.

The errors are those of the additive model, all of one size. Another model replaces `error_bits`, with its Jacobian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

# What a free constant costs beside its digits: that it is there, and its sign.
FREE = 2.5
# A node of the tree that is no constant: which of some four kinds it is.
NODE = 2.0
# Relative errors below this are rounding: nothing can be better.
RESOLUTION = 1e-11
# A float64 has no more bits.
MOST_DIGITS = 2**52


def error_bits(mse: float, rows: int) -> float:
    """Bits of the residuals of so many rows with this mean square, in any unit: only differences mean anything."""
    return 0.5 * rows * math.log2(mse) if mse > 0 else -math.inf


def free_bits(value: float, deviation: float) -> float:
    """What a free constant costs that is known up to `deviation`; not more than float64 holds."""
    return FREE + math.log2(1 + min(abs(value) / max(deviation, 1e-300), MOST_DIGITS))


def expected_bits(rows: int) -> float:
    """What a free constant costs on average, where its standard error is not known."""
    return FREE + 0.5 * math.log2(max(rows, 2))


def resolved(error: float) -> float:
    """The mean square of a relative error, what rounding leaves included."""
    return error**2 + RESOLUTION**2


def described(
    mse: float, rows: int, free: Iterable[tuple[float, float]], exact: Iterable[float], nodes: int
) -> float:
    """The whole length: mean square, (value, standard error) of each free constant, bits of each exact one, and nodes
    that are no constants."""
    constants = sum(free_bits(value, deviation) for value, deviation in free) + sum(exact)
    return error_bits(mse, rows) + constants + NODE * nodes


def estimated(mse: float, rows: int, free: int, nodes: int) -> float:
    """The same where only the number of free constants is known; `nodes` are all others."""
    return error_bits(mse, rows) + free * expected_bits(rows) + NODE * nodes
