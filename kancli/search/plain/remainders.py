"""Functions of one whole input that repeat, or jump, with its remainders: n mod m, and whether m divides n.

n mod m = n - m·floor(n/m), and floor(n/m) - floor((n - 1)/m) is 1 where m divides n, else 0. They enter one by one,
as the monomials of a polynomial do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kancli.search.plain.polynomial import entering
from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.expression import Call, Constant, Expression, Variable, add, exact, multiply, negate
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Divisors that are tried; a remainder must come back so often.
MOST_DIVISOR, PERIODS = 12, 3
# Nodes of a term on average.
NODES = 9

N = Variable(0)


def remainders(x: Array, y: Array) -> Iterator[Expression]:
    """The sum of such terms that describes y (n,) over whole x (n,) most briefly; none where x is not whole."""
    if len(x) < 12 or not (x == np.round(x)).all() or np.abs(x).max() > 2**50 or not float(y.std()):
        return
    most = min(MOST_DIVISOR, int(np.ptp(x)) // PERIODS)
    terms: list[Expression] = [N]
    for m in range(2, most + 1):
        below = Call("floor", multiply(exact(f"1/{m}"), N))
        terms += [below, add(below, negate(Call("floor", multiply(exact(f"1/{m}"), add(N, exact(-1))))))]
    values = np.stack([evaluate(term, x[:, None]) for term in terms], axis=1)
    sizes = np.sqrt(np.mean(values**2, axis=0))
    varied = np.flatnonzero(np.ptp(values, axis=0) > 0)
    target = (y - y.mean()) / float(y.std())
    order, errors = entering((values / np.where(sizes > 0, sizes, 1.0))[:, varied], np.ones(len(y)), target)
    lengths = [estimated(resolved(e), len(y), k + 1, NODES * k) for k, e in enumerate(errors)]
    best = int(np.argmin(lengths))
    chosen = varied[order[:best]]
    if not best or (chosen == 0).all():
        return
    columns = np.column_stack([np.ones(len(y)), values[:, chosen]])
    factors = lstsq(columns, y, rcond=None).tolist()
    yield add(
        *([Constant(factors[0])] if abs(factors[0]) > 1e-9 * float(y.std()) else []),
        *(multiply(Constant(f), terms[k]) for f, k in zip(factors[1:], chosen, strict=True)),
    )
