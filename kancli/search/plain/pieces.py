"""Functions of one input in straight pieces: tariffs, taxes, yield points, steps. Breaks come from the data.

The best lines on so many runs of rows are found by dynamic programming (Bellman & Roth, Journal of the American
Statistical Association 64, 1969). Where two lines meet between the rows at which one follows the other, or near, they
are joined by a hinge there; else there is a jump, which lies at the shortest number between these rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.expression import Call, Constant, Expression, Variable, add, exact, multiply, negate

Array = NDArray[np.float64]
Runs = tuple[int, ...]
"""Where each piece begins, and the number of rows."""

# Rows at most (the work grows with their square), pieces at most, rows of a piece at least.
MOST_ROWS, MOST_PIECES, LEAST_ROWS = 400, 8, 3
# How far beyond the two rows lines may meet, in gaps between rows, in noise.
NEAR = 2.0
# Nodes of a further piece.
NODES = 5
# A slope or a jump that moves the target by less than this share of its deviation is none.
NOTHING = 1e-9

X = Variable(0)


def pieces(x: Array, y: Array) -> Iterator[Expression]:
    """Forms of y (n,) in pieces over x (n,), for each way to join them; none where one piece is as good."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    spread = float(y.std())
    if len(x) < 2 * LEAST_ROWS or spread == 0:
        return
    if len(x) > MOST_ROWS:
        some = np.linspace(0, len(x) - 1, MOST_ROWS).astype(np.intp)
        x, y = x[some], y[some]
    scaled = (y - y.mean()) / spread
    for flat in (False, True):
        found = best_runs(x, scaled, flat)
        if len(found) > 2:
            lines = [line(x[i:j], y[i:j], flat) for i, j in pairwise(found)]
            forms = {joined(x, found, lines, reach, spread) for reach in (0.0, NEAR, math.inf)}
            yield from sorted(forms, key=repr)


def best_runs(x: Array, y: Array, flat: bool) -> Runs:
    """The runs of rows of sorted x (n,) whose own lines, or constants if `flat`, describe y (n,) most briefly."""
    rows, each = len(x), 1 if flat else 2
    costs = line_costs(x, y, flat)
    best = [costs[0]]  # squares that are left of the rows before j, in so many pieces
    last: list[NDArray[np.intp]] = []
    for _ in range(MOST_PIECES - 1):
        total = best[-1][:-1, None] + costs  # of rows before i, and the piece from i to j
        last.append(np.argmin(total, axis=0))
        best.append(np.min(total, axis=0))
    found = [traced(last[: k - 1], rows) for k in range(1, MOST_PIECES + 1) if math.isfinite(best[k - 1][-1])]

    def length(runs: Runs) -> float:
        count = len(runs) - 1
        return estimated(
            resolved(error_of(x, y, runs, flat)), rows, each * count + count - 1, NODES * (count - 1)
        )

    return min(found, key=length)


def traced(last: Sequence[NDArray[np.intp]], rows: int) -> Runs:
    """The runs that the beginnings of last pieces, for each number of pieces, lead to."""
    ends = [rows]
    for chosen in reversed(last):
        ends.append(int(chosen[ends[-1]]))
    return (0, *reversed(ends))


def error_of(x: Array, y: Array, runs: Runs, flat: bool) -> float:
    """The root mean square error of the lines of the runs; the differences of sums have not all of its digits."""
    squares = 0.0
    for i, j in pairwise(runs):
        value, slope = line(x[i:j], y[i:j], flat)
        squares += float(np.sum((y[i:j] - value - slope * x[i:j]) ** 2))
    return math.sqrt(squares / len(y))


def line_costs(x: Array, y: Array, flat: bool) -> Array:
    """Squares (n, n + 1) that the best line leaves of the rows i to j - 1; infinite where these are too few, or where
    rows i - 1 and i have the same x."""
    rows = len(x)
    x = x - x.mean()
    x = x / (np.abs(x).max() or 1.0)

    def sums(values: Array) -> Array:
        before = np.concatenate([[0.0], np.cumsum(values)])
        whole: Array = before[None, :] - before[:-1, None]
        return whole

    n, sx, sy, sxx, sxy, syy = (sums(v) for v in (np.ones(rows), x, y, x * x, x * y, y * y))
    with np.errstate(all="ignore"):
        left = syy - sy * sy / n
        if not flat:
            across = sxx - sx * sx / n
            left = left - np.where(across > 0, (sxy - sx * sy / n) ** 2 / across, 0.0)
    left = np.where(n >= (1 if flat else LEAST_ROWS), np.maximum(left, 0.0), np.inf)
    same = np.flatnonzero(np.diff(x) == 0) + 1
    left[same] = np.inf
    left[:, same] = np.inf
    return left


def line(x: Array, y: Array, flat: bool) -> tuple[float, float]:
    """Value at 0 and slope of the best line through some rows."""
    if flat or np.ptp(x) == 0:
        return float(y.mean()), 0.0
    centred = x - x.mean()
    slope = float(centred @ (y - y.mean()) / (centred @ centred))
    return float(y.mean() - slope * x.mean()), slope


def joined(
    x: Array, runs: Runs, lines: Sequence[tuple[float, float]], reach: float, spread: float
) -> Expression:
    """The pieces as one formula; lines that meet within `reach` gaps of the change are joined where they meet."""
    span = float(np.ptp(x)) or 1.0
    value, slope = lines[0]
    terms: list[Expression] = [Constant(value)] if abs(value) > NOTHING * spread else []
    if abs(slope) * span > NOTHING * spread:
        terms.append(multiply(Constant(slope), X))
    for start, (before, own), (after, next_own) in zip(runs[1:-1], lines, lines[1:], strict=False):
        left, right = float(x[start - 1]), float(x[start])
        gap, bend = right - left, next_own - own
        bends = abs(bend) * span > NOTHING * spread
        meet = (before - after) / bend if bends else math.nan
        hinged = left - (reach + 1e-6) * gap <= meet <= right + (reach + 1e-6) * gap
        place = Constant(meet) if hinged else exact(shortest_between(left, right))
        away = add(X, negate(place))
        if bends:
            terms.append(multiply(Constant(bend), Call("hinge", away)))
        jump = (after - before) + bend * place.value
        if not hinged and abs(jump) > NOTHING * spread:
            terms.append(multiply(Constant(jump), Call("Heaviside", away)))
    return add(*terms)


def shortest_between(low: float, high: float) -> Fraction:
    """The decimal number of fewest digits strictly between two, nearest to the middle of them."""
    middle = (low + high) / 2
    digits = -math.floor(math.log10(max(abs(low), abs(high), high - low)))
    while True:
        found = round(Fraction(middle), digits)
        if Fraction(low) < found < Fraction(high):
            return found
        digits += 1
