"""Which way of writing a law in one number is the simplest.

z²·f(z) in z = a/b is f̃(w) in w = b/a, and a power of z may stand in front or inside: the same law, but the function
that is left is a library function in some of these ways only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kancli.search.inputs.rewritten import Rewritten, rewritten
from kancli.search.inputs.single_index import OneNumber
from kancli.search.inputs.slopes import Combination
from kancli.search.ties import first_shortest
from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.expression import complexity, exact, multiply, power
from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.library.functions import Function

# Powers of the number that are taken out of the target beside those that leave it with fewer factors.
POWERS = (1.0, -1.0, 2.0, -2.0)
# No exponent of a factor is above this.
MOST = 4.0
# Constants of a function of the library on an edge.
FREE = 4


def simplest(found: OneNumber, now: Rewritten, functions: tuple[Function, ...]) -> Rewritten | None:
    """The table with that number for all inputs, written so that the function left of it is the plainest.

    None where no way of writing it has a value in every row.
    """
    tables = [t for way in ways(found, now.dataset.x > 0) if (t := in_one(way, now)) is not None]
    return first_shortest(tables, lambda table: bits(table, functions)) if tables else None


def in_one(found: OneNumber, now: Rewritten) -> Rewritten | None:
    """The table with that number for all inputs; None where it has no value in some row."""
    factors = [power(now.inputs[i], exact(small_fraction(p))) for i, p in found.powers.items()]
    return rewritten(now.table, [found.number.expression(now.inputs)], multiply(now.factor, *factors))


def ways(found: OneNumber, positive: NDArray[np.bool_]) -> Iterator[OneNumber]:
    """The number and its inverse, each with several of its powers in front; `positive` (n, d)."""
    members, exponents = found.number.members, found.number.factors
    own = dict(zip(members, exponents, strict=True))
    shifts = {0.0, *POWERS, *(-found.powers.get(i, 0.0) / e for i, e in own.items())}
    whole = [bool(column.all()) for column in positive.T]
    for shift in sorted(shifts, key=abs):
        powers = {i: found.powers.get(i, 0.0) + shift * own.get(i, 0.0) for i in {*own, *found.powers}}
        powers = {i: p for i, p in powers.items() if p}
        if any(abs(p) > MOST or not (whole[i] or p.is_integer()) for i, p in powers.items()):
            continue
        for sign in (1.0, -1.0):
            yield OneNumber(Combination("product", members, tuple(sign * e for e in exponents)), powers)


def bits(table: Rewritten, functions: tuple[Function, ...]) -> float:
    """Description length, as a table of one input, with the best function of the library."""
    data = table.dataset
    weight = data.weight
    best = fit_edge(
        data.x[:, 0], data.y, weight, functions, compositions=False, sums=False, richer=False, top=1
    )[0]
    spread = np.sqrt(np.average((data.y - np.average(data.y, weights=weight)) ** 2, weights=weight))
    error = np.sqrt(max(best.residual, 0.0)) * spread / (data.y.std() or 1.0) * table.unit
    return estimated(resolved(float(error)), len(data.y), FREE, best.complexity + complexity(table.factor))
