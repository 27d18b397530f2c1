"""Constants of a form that fit equally well, and which of them a reader expects.

exp(-(x - m)²/s²) is the same for -s; a sum of two exponentials is the same if they change places; a sine through
evenly spaced rows is as good at an alias of its frequency. Of equal fits the one is taken that is smoothest between
the rows, has the fewest negative constants, and whose like terms go from the slowest to the fastest, in the order in
which the form writes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.algebra import add
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Constant, Expression, Sum, Variable, substitute, walk
from kancli.symbolic.forms.form import Bound, Form
from kancli.symbolic.forms.projection import Projected

Array = NDArray[np.float64]

# A curve is smoother than another if it bends less than this share between the rows.
SMOOTHER = 0.9
# Where between two rows it is looked at: no simple fraction, at which aliases meet again.
PLACE = 0.382
# Sums of squares that differ by less are equal.
EQUAL = 1e-9
# Inputs are moved by this share of their span to see how fast a term changes.
MOVED = 1e-4
# Rows that this is judged on.
ROWS = 500


@dataclass(frozen=True)
class Equals:
    """Judges constants of one form that fit a table equally well, on some rows `x` of it and `between` them."""

    x: Array
    rows: Bound
    between: Bound

    @staticmethod
    def of(form: Form, x: Array, y: Array) -> Equals:
        """On rows x (n, inputs) in the order of the first input."""
        order = np.lexsort(x.T[::-1])
        order = order[np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)]
        some = x[order]
        return Equals(some, Bound.of(form, some), Bound.of(form, _between(some[:-1], some[1:])))

    def bends(self, theta: Array) -> float:
        """How far values between rows are from straight lines through the rows; infinite where there are none."""
        with np.errstate(all="ignore"):
            at, between = self.rows.value(theta), self.between.value(theta)
            bend = between - _between(at[:-1], at[1:])
            found = float(np.sqrt(np.mean(bend**2)))
        return found if math.isfinite(found) else math.inf

    def bends_of(self, theta: Array) -> Array:
        """The same of many sets of constants (K, names), (K,)."""
        with np.errstate(all="ignore"):
            at, between = self.rows.many(theta)[0], self.between.many(theta)[0]
            found = np.sqrt(np.mean((between - _between(at[:, :-1], at[:, 1:])) ** 2, axis=1))
        return np.where(np.isfinite(found), found, np.inf)

    def plainer(self, one: Array, other: Array) -> bool:
        """Whether the constants `one` (names,) are those that a reader expects."""
        bends, others = self.bends(one), self.bends(other)
        if min(bends, others) < SMOOTHER * max(bends, others):
            return bends < others
        return plainness(one) < plainness(other)


def _between(one: Array, other: Array) -> Array:
    return np.asarray(one + PLACE * (other - one))


def plainness(theta: Array) -> tuple[int, float]:
    """How many constants are negative, and how far they are from 1."""
    size = np.abs(theta[theta != 0])
    return int((theta < 0).sum()), round(float(np.abs(np.log10(size)).sum()), 6)


def ordered(form: Form, equals: Equals, problem: Projected, theta: Array) -> Array:
    """The plainest constants (names,) that are as good as `theta` because of the form's symmetries."""
    theta = without_signs(equals, problem, without_turns(problem, theta))
    expression = form.expression
    terms = expression.terms if isinstance(expression, Sum) else (expression,)
    for blocks in like_blocks(terms, len(form.columns)):
        speeds = [speed(form, block, theta, equals.x) for block in blocks]
        order = np.argsort(speeds, kind="stable")
        moved = theta.copy()
        for place, source in zip(blocks, order.tolist(), strict=True):
            moved[list(place.constants)] = theta[list(blocks[source].constants)]
        theta = moved
    return theta


def without_turns(problem: Projected, theta: Array) -> Array:
    """With each constant that is a phase between -π and π."""
    for k in np.flatnonzero(~problem.linear).tolist():
        turned = theta.copy()
        turned[k] = math.remainder(theta[k], 2 * math.pi)
        if turned[k] == theta[k]:
            continue
        _, sse = problem.solved(np.stack([theta, turned])[:, ~problem.linear])
        theta = turned if sse[1] <= (1 + EQUAL) * sse[0] else theta
    return theta


def without_signs(equals: Equals, problem: Projected, theta: Array) -> Array:
    """With one or two of the constants that are not linear negated, where that fits equally and is plainer."""
    bent = np.flatnonzero(~problem.linear)
    turned = [theta[bent]]
    for k in (1, 2):
        for several in combinations(range(len(bent)), k):
            turned.append(np.where(np.isin(np.arange(len(bent)), several), -theta[bent], theta[bent]))
    others, sse = problem.solved(np.array(turned))
    best = 0
    for k in range(1, len(turned)):
        same = sse[k] <= (1 + EQUAL) * sse[0] if sse[0] > 0 else sse[k] == 0
        if same and equals.plainer(others[k], others[best] if best else theta):
            best = k
    return others[best] if best else theta


@dataclass(frozen=True)
class Block:
    """Terms of a sum that share constants with each other only: `constants` in the order in which they occur."""

    terms: tuple[Expression, ...]
    constants: tuple[int, ...]


def like_blocks(terms: tuple[Expression, ...], inputs: int) -> Iterator[list[Block]]:
    """Blocks of terms that differ in the names of their constants only, several at a time."""
    blocks: list[Block] = []
    for term in terms:
        own = _constants(term, inputs)
        shared = [block for block in blocks if set(block.constants) & set(own)]
        blocks = [block for block in blocks if block not in shared]
        joined = (*(part for block in shared for part in block.terms), term)
        names = tuple(dict.fromkeys(k for part in joined for k in _constants(part, inputs)))
        blocks.append(Block(joined, names))
    alike: dict[tuple[Expression, ...], list[Block]] = {}
    for block in blocks:
        renamed: dict[Expression, Expression] = {
            Variable(inputs + k): Variable(inputs + place) for place, k in enumerate(block.constants)
        }
        # Twice, by way of names that none has, so that two names can change places.
        away: dict[Expression, Expression] = {old: Variable(-1 - place) for place, old in enumerate(renamed)}
        back: dict[Expression, Expression] = {
            Variable(-1 - place): new for place, new in enumerate(renamed.values())
        }
        key = tuple(substitute(substitute(term, away), back) for term in block.terms)
        alike.setdefault(key, []).append(block)
    for several in alike.values():
        if len(several) > 1:
            yield sorted(several, key=lambda block: min(block.constants))


def _constants(expression: Expression, inputs: int) -> tuple[int, ...]:
    found = [n.index - inputs for n in walk(expression) if isinstance(n, Variable) and n.index >= inputs]
    return tuple(dict.fromkeys(found))


def speed(form: Form, block: Block, theta: Array, x: Array) -> float:
    """How fast a block changes with the inputs, beside its size."""
    known: dict[Expression, Expression] = {
        Variable(len(form.columns) + k): Constant(float(value)) for k, value in enumerate(theta)
    }
    alone = add(*(substitute(term, known) for term in block.terms))
    with np.errstate(all="ignore"):
        at, moved = evaluate(alone, x), evaluate(alone, x + MOVED * np.ptp(x, axis=0))
        found = float(np.sqrt(np.mean((moved - at) ** 2) / np.mean(at**2)))
    return found if math.isfinite(found) else math.inf
