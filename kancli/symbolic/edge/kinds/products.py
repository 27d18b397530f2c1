"""Edges that are products of two functions of one input (x·sin x), and sums of chains two deep.

Every pair of shapes is ranked in closed form by a few matrix products, as f·g, as f + g, as s^k·f·g and as a
polynomial times f; the best pairs of functions are polished as one batch on some rows, and the simplest of
those that reach the floor, or the best, on all rows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kancli.symbolic.edge.chains.pair_forms import (
    BILINEAR,
    DEPTH,
    PRODUCT,
    PRODUCT_AND_LINE,
    SUM,
    Form,
    model_of,
    part,
    polynomial_times,
    sum_beside,
    times_power,
)
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, values
from kancli.symbolic.edge.chains.solver import solve
from kancli.symbolic.edge.chains.starts import frequencies
from kancli.symbolic.edge.kinds.pair_ranking import mixtures_of_two, products_of_two, sums_of_two
from kancli.symbolic.edge.kinds.polynomials import monomial
from kancli.symbolic.edge.kinds.shapes import Shapes, shapes_of
from kancli.symbolic.edge.ranking import UNDERCUT
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.least_squares.batched import project
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array, Function

COARSE = 96
FINE = 256
FREQUENCIES = np.array([0.6, 1.0, 1.5, 2.0, 2.6, 3.2, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5, 15.0, 18.0, 22.0])
PAIRS_POLISHED = 240
HANDICAP = 0.3
EACH = 2
REFINED = 40
FINISHED = 6
DEGREE = 3
FASTEST = 60.0
# Third factors, as powers of x.
POWERS = (1.0, 2.0, 3.0, -1.0, 0.5)


class Pairs:
    """The shapes of one edge and the forms made of them: activations of s and scaled y, few of each."""

    def __init__(
        self,
        edge: Scaled,
        functions: tuple[Function, ...],
        floor: float,
        *,
        chirps: Sequence[tuple[float, float]] = (),
    ) -> None:
        """`chirps`: waves of α·s² + β·s (α, β) to have among the shapes, ranked on more rows then."""
        self.functions, self.floor = functions, floor
        self.fine = subsample(edge.curve, FINE)
        self.coarse = self.fine if chirps else subsample(edge.curve, COARSE)
        omega = np.unique(np.concatenate([frequencies(self.coarse, edge.curve), FREQUENCIES]))
        self.shapes = shapes_of(functions, self.coarse, omega[omega < FASTEST], chirps)
        self.kinds = self.shapes.names()

    def polynomial_products(self, beside: int = 0) -> list[Activation]:
        """P·f for every function, plus a polynomial of degree `beside`."""
        form = polynomial_times(DEGREE, beside)
        return self._searched(form, _polynomial_starts(form, self.shapes, self.kinds, self.coarse))

    def products(self) -> list[Activation]:
        """f·g."""
        return self._pairs(PRODUCT, products_of_two(self.shapes, self.coarse))

    def sums(self) -> list[Activation]:
        """f + g, one of them two deep."""
        return self._pairs(SUM, sums_of_two(self.shapes, self.coarse))

    def sums_beside(self, degree: int) -> list[Activation]:
        """f + g beside a polynomial."""
        residual = sums_of_two(self.shapes, self.coarse, degree)
        return self._pairs(sum_beside(degree), residual)

    def mixed(self) -> list[Activation]:
        """α·f + β·g + γ·f·g, and f·g beside a line."""
        found = self._pairs(BILINEAR, mixtures_of_two(self.shapes, self.coarse))
        line = self.coarse.t - self.coarse.origin
        return found + self._pairs(PRODUCT_AND_LINE, products_of_two(self.shapes, self.coarse, beside=line))

    def triple(self) -> list[Activation]:
        """s^k·f·g."""
        found = []
        names = {function.name for function in self.functions}
        for power in POWERS:
            form = times_power(power)
            if form.factors[0][0].function not in names:
                continue
            with np.errstate(all="ignore"):
                outside = form.outside(self.coarse.t - self.coarse.origin)
            if np.isfinite(outside).all():
                found += self._pairs(form, products_of_two(self.shapes, self.coarse, outside))
        return found

    def _pairs(self, form: Form, residual: Array) -> list[Activation]:
        return self._searched(form, _pair_starts(self.shapes, self.kinds, residual))

    def _searched(self, form: Form, starts: Problems) -> list[Activation]:
        model = model_of(form)
        batch = _best_of_each(solve(starts, self.coarse, steps=15, model=model), REFINED)
        batch = solve(batch, self.fine, steps=30, model=model)
        return activations(_simplest(batch, FINISHED, self.floor), form, self.fine)


def _pair_starts(shapes: Shapes, kinds: Sequence[str], residual: Array) -> Problems:
    """The best few pairs of every two kinds of shape, as problems."""
    _, kind = np.unique(np.array(kinds), return_inverse=True)
    groups = [np.flatnonzero(kind == k) for k in range(kind.max() + 1)]
    starts: list[tuple[float, int, int]] = []
    # A start of few numbers has fewer neighbours on its grid, and is farther from its best.
    handicap = HANDICAP * _weights(shapes.problems)
    for i, rows in enumerate(groups):
        for columns in groups[i:]:
            block = residual[np.ix_(rows, columns)]
            count = min(EACH, block.size)
            for flat in np.argpartition(block, count - 1, axis=None)[:count]:
                row, column = np.unravel_index(flat, block.shape)
                if np.isfinite(block[row, column]):
                    one, other = int(rows[row]), int(columns[column])
                    error = math.log(max(float(block[row, column]), 1e-7))
                    starts.append((error + handicap[one] + handicap[other], one, other))
    starts.sort()
    first = shapes.problems.take(np.array([i for _, i, _ in starts[:PAIRS_POLISHED]], dtype=np.intp))
    second = shapes.problems.take(np.array([j for _, _, j in starts[:PAIRS_POLISHED]], dtype=np.intp))
    return replace(
        first,
        chain=np.concatenate([first.chain, second.chain], axis=1),
        theta=np.concatenate([first.theta, second.theta], axis=1),
        free=np.concatenate([first.free, second.free], axis=1),
    )


def _polynomial_starts(form: Form, shapes: Shapes, kinds: Sequence[str], sample: Curve) -> Problems:
    """The best few shapes of every kind under a polynomial factor."""
    with np.errstate(all="ignore"):
        columns = form.columns([shapes.values], sample.t - sample.origin)
        residual = project(columns, sample.y, sample.w).sse
    seen: Counter[str] = Counter()
    rows = []
    for row in np.argsort(residual, kind="stable"):
        if np.isfinite(residual[row]) and seen[kinds[row]] < 2 * EACH and not kinds[row].startswith("x(x)"):
            seen[kinds[row]] += 1
            rows.append(int(row))
    return shapes.problems.take(np.array(rows, dtype=np.intp))


def _best_of_each(batch: Problems, count: int) -> Problems:
    """The best of every set of functions and free parameters, then the best `count` of those."""
    rows: list[int] = []
    seen: set[tuple[bytes, bytes]] = set()
    for row in np.argsort(batch.residual, kind="stable"):
        key = (batch.chain[row].tobytes(), batch.free[row].tobytes())
        if key not in seen and np.isfinite(batch.residual[row]):
            seen.add(key)
            rows.append(int(row))
    return batch.take(np.array(rows[:count], dtype=np.intp))


def _simplest(batch: Problems, count: int, floor: float) -> Problems:
    """Up to `count` problems: of those at the floor, or nearly the best, the simplest first."""
    weights = _weights(batch)
    reached = batch.residual <= max(floor, UNDERCUT * float(batch.residual.min(initial=np.inf)))
    order = np.lexsort((batch.residual, np.where(reached, weights, 0), ~reached))
    return batch.take(order[:count])


def _weights(batch: Problems) -> Array:
    """How much the functions and free parameters of every problem weigh."""
    functions = np.array([function.complexity for function in batch.functions], dtype=np.float64)
    return np.asarray(functions[batch.chain].sum(axis=1) + batch.free.sum(axis=1))


def activations(batch: Problems, form: Form, curve: Curve) -> list[Activation]:
    """Solved problems as activations of s and scaled y."""
    if not len(batch.theta):
        return []
    s = curve.t - curve.origin
    with np.errstate(all="ignore"):
        parts = [values(part(batch, k), curve.t) for k in range(form.chains)]
        columns = form.columns(parts, s)
        c = project(columns, curve.y, curve.w).coefficients
        d = -np.einsum("kl,klm->km", c, columns) @ curve.w
    found = []
    for row in range(len(batch.theta)):
        if not np.isfinite(c[row]).all():
            continue
        chains = [chain_of(part(batch, k), row) for k in range(form.chains)]
        if form is BILINEAR:
            # Where γ is next to nothing it is a sum.
            sum_of = tuple(Term(float(c[row, k]), chain) for k, chain in enumerate(chains))
            found.append(Activation(sum_of, float(d[row])))
            terms, d[row] = _factored(c[row], chains, float(d[row]))
        elif form.name == SUM.name:
            terms = tuple(Term(float(c[row, k]), chain) for k, chain in enumerate(chains))
            terms += _line_up(c[row, 2:])
        elif form.name == "P*f":
            lead = float(c[row, DEGREE]) or 1.0
            b, a, *higher = (float(q) / lead for q in c[row, : DEGREE + 1])
            terms = (Term(lead, (Step("x", a, b, higher=(*higher[:-1], 1.0)),), (chains[0],)),)
            terms += _line_up(c[row, DEGREE + 1 :])
        elif form is PRODUCT_AND_LINE:
            terms = (Term(float(c[row, 0]), chains[0], (chains[1],)), *_line_up(c[row, 1:]))
        else:
            terms = (Term(float(c[row, 0]), chains[0], (*chains[1:], *form.factors)),)
        found.append(Activation(terms, float(d[row])))
    return found


def _line_up(c: Array) -> tuple[Term, ...]:
    """c[0]·s + c[1]·s² + …"""
    return tuple(Term(float(value), (monomial(degree),)) for degree, value in enumerate(c, 1))


def _factored(c: Array, chains: Sequence[tuple[Step, ...]], d: float) -> tuple[tuple[Term, ...], float]:
    """α·f + β·g + γ·f·g as γ·(f + β/γ)·(g + α/γ)."""
    alpha, beta, gamma = (float(value) for value in c)
    if gamma == 0.0:
        return (Term(alpha, chains[0]), Term(beta, chains[1])), d
    f = _with_offset(chains[0], beta / gamma)
    g = _with_offset(chains[1], alpha / gamma)
    return (Term(gamma, f, (g,)),), d - alpha * beta / gamma


def _with_offset(chain: tuple[Step, ...], offset: float) -> tuple[Step, ...]:
    last = chain[-1]
    if last.is_line:
        return (*chain[:-1], replace(last, b=last.b + offset))
    return (*chain, Step("x", 1.0, offset))


def chain_of(batch: Problems, row: int) -> tuple[Step, ...]:
    """One chain of s; a square inside is written as a polynomial, a plain line not at all."""
    (inner, outer) = (batch.functions[k] for k in batch.chain[row])
    (a1, b1, p1), (a, b, p) = (
        (float(value) for value in batch.theta[row, PER_STEP * k : PER_STEP * (k + 1)]) for k in range(DEPTH)
    )
    exponent = p if outer.has_exponent else None
    if inner.is_line:
        return (Step(outer.name, a * a1, a * b1 + b, exponent, outer.definition),)
    if inner.degree == 2.0:
        q = a * a1 * a1
        higher: tuple[float, ...] = (q,)
        return (Step(outer.name, 2 * a * a1 * b1, b + a * b1 * b1, exponent, outer.definition, higher),)
    if inner.degree == 3.0 and b1 == 0.0:
        return (Step(outer.name, 0.0, b, exponent, outer.definition, (0.0, a * a1**3)),)
    first = Step(inner.name, a1, b1, p1 if inner.has_exponent else None, inner.definition)
    return (first, Step(outer.name, a, b, exponent, outer.definition))
