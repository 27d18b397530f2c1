"""The description length of data and formula, in bits: one price list, wherever two descriptions are compared.

    L = n/2·log₂ mse + few(n, k)  +  Σ log₂(1 + |θ|/s) + FREE  +  Σ bits(exact)  +  NODE·(nodes that are no constants)

(Rissanen 1978.) The first term is the error; what is below rounding cannot be seen and counts as rounding. `few` is
what is left to pay where n rows have been fitted by k constants and the size of the error is unknown as well: with it
integrated out under 1/σ, and s taken from m = n − k degrees of freedom, the data cost (m/2)·log₂ RSS − log₂ Γ(m/2)
(Jeffreys 1961). It vanishes for many rows. A free constant costs as many
bits as the data determine of it, with s its standard error; where only its number is known, ½·log₂ n (Rissanen's
estimate of the same). An exact constant costs what it takes to write (`constants.proposals.bits`), and so do
functions and operations. All comparisons are within one table, so what is the same for all formulas is left out.

The errors are those of the additive model, all of one size. Another model replaces `error_bits`, with its Jacobian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

# What a free constant costs beside its digits: that it is there, and its sign.
FREE = 2.5
# A node of the tree that is no constant: which of some four kinds it is.
NODE = 2.0
# Rows that must be left over by the constants for the residuals to be evidence. EXPERIMENTS: few-rows
LEAST_LEFT = 2
# Relative errors below this are rounding: nothing can be better.
RESOLUTION = 1e-11
# A float64 has no more bits.
MOST_DIGITS = 2**52


def error_bits(mse: float, rows: int, free: int = 0) -> float:
    """Bits of the residuals of so many rows with this mean square, in any unit: only differences mean anything.

    `free` constants have been fitted to the rows, and are priced by their standard errors.
    """
    return 0.5 * rows * math.log2(mse) + few_rows(rows, free) if mse > 0 else -math.inf


def few_rows(rows: int, free: int) -> float:
    """What residuals cost beside their mean square because their size is unknown and `free` constants were fitted."""
    left = left_over(rows, free)
    gammas = math.lgamma(rows / 2) - math.lgamma(left / 2)
    return 0.5 * (rows - left) * (1 - math.log2(left)) + gammas / math.log(2)


def left_over(rows: int, free: int) -> int:
    """Degrees of freedom of the residuals, at least one."""
    return max(rows - free, 1)


def carried(rows: int, free: int) -> bool:
    """Whether so many rows can carry so many free constants: two must be left over, and half of them."""
    return rows - free >= LEAST_LEFT and 2 * free <= rows


def free_bits(value: float, deviation: float) -> float:
    """What a free constant costs that is known up to `deviation`; not more than float64 holds."""
    return FREE + math.log2(1 + min(abs(value) / max(deviation, 1e-300), MOST_DIGITS))


def expected_bits(rows: int) -> float:
    """What a free constant costs on average, where its standard error is not known."""
    return FREE + 0.5 * math.log2(max(rows, 2))


def resolved(error: float) -> float:
    """The mean square of a relative error, what rounding leaves included."""
    return error**2 + RESOLUTION**2


def described(mse: float, rows: int, free: Sequence[float], exact: Iterable[float], nodes: int) -> float:
    """The whole length: mean square, bits of each free constant and of each exact one, and nodes that are no
    constants."""
    return error_bits(mse, rows, len(free)) + written_bits(free, exact, nodes)


def written_bits(free: Iterable[float], exact: Iterable[float], nodes: int) -> float:
    """The length of a formula without its residuals."""
    return sum(free) + sum(exact) + NODE * nodes


def estimated(mse: float, rows: int, free: int, nodes: int) -> float:
    """The same where only the number of free constants is known; `nodes` are all others. Infinite where the rows do
    not carry them."""
    if not carried(rows, free):
        return math.inf
    return error_bits(mse, rows, free) + free * expected_bits(rows) + NODE * nodes
