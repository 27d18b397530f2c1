"""Sums of products of powers whose exponents are whole or half numbers, for data with noise.

Noise leaves exponents of a small term nearly free: the nearest fractions to what fits best are often not those of
the law, though the law describes the data more briefly. As the factors follow in closed form, exponents can be
searched as numbers on a lattice, by description length (Rissanen 1978), with a beam of the best and their neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.proposals import bits
from kancli.symbolic.description import NODE, expected_bits
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.forms.signomial import LARGEST, Signomial, SignomialTable

Array = NDArray[np.float64]
# The terms of a sum: the bytes of the exponents, and the extra factor.
Key = tuple[tuple[bytes, int], ...]

# States whose neighbours are looked at in a round, states that are kept, rounds, and rounds without a better one.
BEAM, KEPT, ROUNDS, VAIN = 8, 48, 12, 2
# Inputs up to which exponents are also moved from one input to another.
FEW = 6
# States evaluated at once.
BATCH = 400


@dataclass(frozen=True)
class State:
    """Exponents (terms, inputs), whole or half numbers, and the extra factor of each term (terms,), 0 being none."""

    exponents: Array
    extras: NDArray[np.intp]

    @property
    def key(self) -> Key:
        """Its terms; the same for the same sum, whatever their order."""
        exponents = self.exponents + 0.0  # so that -0 is 0
        return tuple(
            sorted((row.tobytes(), int(kind)) for row, kind in zip(exponents, self.extras, strict=True))
        )


@dataclass(frozen=True)
class Found:
    """A sum on the lattice, and its description length in bits."""

    sum: Signomial
    bits: float

    @property
    def state(self) -> State:
        return State(self.sum.exponents, self.sum.extras)


def on_lattice(table: SignomialTable, starts: Sequence[State]) -> list[Found]:
    """The shortest descriptions near these starts (all of as many terms), the best first."""
    seen: set[Key] = set()
    expanded: set[Key] = set()
    found = evaluated(table, fresh(starts, seen))
    vain = 0
    for _ in range(ROUNDS):
        best = found[0].bits if found else math.inf
        beam = [f.state for f in found if f.state.key not in expanded][:BEAM]
        if not beam or vain >= VAIN:
            break
        expanded |= {state.key for state in beam}
        near = (other for state in beam for other in neighbours(state, table.kinds))
        found = sorted([*found, *evaluated(table, fresh(near, seen))], key=lambda f: f.bits)[:KEPT]
        vain = 0 if found[0].bits < best else vain + 1
    return found


def rounded(exponents: Array, extras: NDArray[np.intp]) -> list[State]:
    """The nearest whole numbers, and the nearest halves."""
    return [State(np.round(exponents * d) / d, extras) for d in (1, 2)]


def split(state: State) -> Iterator[State]:
    """A term more: one term becomes two that differ from it by opposite steps, or that differ in one exponent."""
    terms, inputs = state.exponents.shape
    for t in range(terms):
        own = state.exponents[t]
        for i in range(inputs):
            for step in (0.5, 1.0):
                moved = np.zeros(inputs)
                moved[i] = step
                yield _with(state, t, own + moved, own - moved)
                yield _with(state, t, own, own - 2 * moved)
                yield _with(state, t, own, own + 2 * moved)
        # √(x·z) may stand for x + z, and in its place only what it holds: of eighty inputs there are 6,320 pairs.
        for i, j in permutations(np.flatnonzero(own).tolist(), 2):
            moved = np.zeros(inputs)
            moved[i], moved[j] = 0.5, -0.5
            yield _with(state, t, own + moved, own - moved)
            yield _with(state, t, own, own + 2 * moved)


def _with(state: State, term: int, first: Array, second: Array) -> State:
    exponents = np.vstack([state.exponents, second])
    exponents[term] = first
    return State(np.clip(exponents, -LARGEST, LARGEST), np.append(state.extras, state.extras[term]))


def neighbours(state: State, kinds: int) -> Iterator[State]:
    """Sums that differ in one exponent, in one of all terms, in two of one term, or in one extra factor."""
    terms, inputs = state.exponents.shape

    def moved(change: Array) -> State:
        return State(np.clip(state.exponents + change, -LARGEST, LARGEST), state.extras)

    for i in range(inputs):
        for step in (-1.0, -0.5, 0.5, 1.0):
            for t in range(terms):
                change = np.zeros((terms, inputs))
                change[t, i] = step
                yield moved(change)
            if terms > 1:
                change = np.zeros((terms, inputs))
                change[:, i] = step
                yield moved(change)
    for t in range(terms):
        for i in np.flatnonzero(state.exponents[t]).tolist():
            change = np.zeros((terms, inputs))
            change[t, i] = -state.exponents[t, i]
            yield moved(change)
        if inputs <= FEW:
            for i, j in permutations(range(inputs), 2):
                change = np.zeros((terms, inputs))
                change[t, i], change[t, j] = 1.0, -1.0
                yield moved(change)
        for kind in range(kinds + 1):
            if kind != state.extras[t]:
                extras = state.extras.copy()
                extras[t] = kind
                yield State(state.exponents, extras)


def fresh(states: Iterable[State], seen: set[Key]) -> list[State]:
    """Those not seen before, which are seen now; none with the same term twice."""
    found = []
    for state in states:
        key = state.key
        if key not in seen:
            seen.add(key)
            if len(set(key)) == len(key):
                found.append(state)
    return found


def evaluated(table: SignomialTable, states: Sequence[State]) -> list[Found]:
    """Each state with its best factors, the shortest description first."""
    found: list[Found] = []
    for start in range(0, len(states), BATCH):
        some = states[start : start + BATCH]
        exponents = np.stack([s.exponents for s in some])
        extras = np.stack([s.extras for s in some])
        sums = table.at(exponents, extras)
        price = prices(exponents, extras, table.size)
        error = np.array([max(s.sse / table.size, 1e-300) for s in sums])
        length = table.size / 2 * np.log2(error) + price
        found += [Found(s, float(b)) for s, b in zip(sums, length, strict=True) if s.usable]
    return sorted(found, key=lambda f: f.bits)


def prices(exponents: Array, extras: NDArray[np.intp], rows: int) -> Array:
    """What the sums cost to write, (R,) bits: exponents that all terms share are written once, in front."""
    terms = exponents.shape[1]
    low, high = exponents.min(axis=1), exponents.max(axis=1)
    common = np.where(low > 0, low, np.where(high < 0, high, 0.0))
    written = _PRICE[_place(common)].sum(axis=1) + _PRICE[_place(exponents - common[:, None])].sum(
        axis=(1, 2)
    )
    each = expected_bits(rows) + NODE
    total: Array = written + terms * each + 2 * NODE * (extras > 0).sum(axis=1)
    return total


def _place(exponents: Array) -> NDArray[np.intp]:
    return np.round(2 * exponents).astype(np.intp) + _ZERO


def _price(exponent: Fraction) -> float:
    """An input to this power as a factor."""
    if exponent == 0:
        return 0.0
    return 2 * NODE + (0.0 if exponent == 1 else NODE + bits(Exact(exponent)))


# Differences of two exponents are twice as large as these at most.
_ZERO = int(4 * LARGEST)
_PRICE = np.array([_price(Fraction(i - _ZERO, 2)) for i in range(2 * _ZERO + 1)])
