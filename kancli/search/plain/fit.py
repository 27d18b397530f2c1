"""The plain forms of a table, fitted: constants inside from a grid of starts, coefficients by least squares."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.search.plain.pieces import pieces
from kancli.search.plain.polynomial import Monomial, monomials, polynomial
from kancli.search.plain.remainders import remainders
from kancli.search.plain.templates import Template, of_one_input, of_several_inputs
from kancli.symbolic.constants.length import length
from kancli.symbolic.constants.refit import Refit, refit
from kancli.symbolic.description import RESOLUTION, carried
from kancli.symbolic.expression import (
    ONE,
    Call,
    Constant,
    Expression,
    Variable,
    add,
    constants,
    evaluate,
    exact,
    multiply,
    power,
    substitute,
    walk,
    with_constants,
)
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.rewrite.canonical import canonical

Array = NDArray[np.float64]

# Starts of each form that are fitted to the end, and the trials of each.
POLISHED, STEPS = 2, 60
# Rows on which starts are compared.
ROWS = 300
# More inputs than this are too many for planes with all of them.
MOST_INPUTS = 12


@dataclass(frozen=True)
class Fitted:
    """A fitted form with its name and its description length; `terms`: the monomials that it is a sum of."""

    name: str
    expression: Expression
    bits: float
    terms: tuple[Monomial, ...] = ()


@dataclass(frozen=True)
class Starting:
    """A form with expressions to start from."""

    name: str
    starts: Sequence[Expression]
    terms: tuple[Monomial, ...] = ()


# A constant's error moves a form by so many deviations of the target where the constant may be anything; and the
# step, in units of a constant, that shows how much it moves.
ANYTHING, STEP = 1e2, 1e-6


def fitted_forms(table: Dataset, allowed: Callable[[str], bool]) -> list[Fitted]:
    """The forms of a table that the rows carry, the shortest description first; `allowed`: may a function be used."""
    found = [one for form in forms_of(table, allowed) if (one := best_of(form, table)) is not None]
    return sorted(found, key=lambda one: one.bits)


def forms_of(table: Dataset, allowed: Callable[[str], bool]) -> Iterator[Starting]:
    """The forms of a table."""
    yield Starting("constant", [Constant(float(np.average(table.y, weights=table.weight)))])
    inputs = table.x.shape[1]
    templates = of_one_input(table.x[:, 0]) if inputs == 1 else of_several_inputs(inputs)
    if inputs <= MOST_INPUTS:
        for template in templates:
            if all(allowed(name) for name in template.functions):
                yield Starting(template.name, starts_of(template, table))
    if inputs == 1 and allowed("abs") and allowed("sgn"):
        for name, forms in (("pieces", pieces), ("remainders", remainders)):
            if starts := list(forms(table.x[:, 0], table.y)):
                yield Starting(name, starts)
    if inputs > 1 and allowed("power"):
        yield from products_of_powers(table)
    yield from planes(table)
    terms = monomials(table.x)
    found = polynomial(terms, table.x, table.y, table.weight) if terms else None
    if found is not None and found.terms and allowed("x"):
        yield Starting("polynomial", [found.expression()], found.terms)


def starts_of(template: Template, table: Dataset) -> list[Expression]:
    """The form at its best starts, coefficients fitted."""
    rows = np.flatnonzero(~table.validation)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.intp)]
    x, y = table.x[rows], table.y[rows]
    weight = None if table.weight is None else table.weight[rows]
    tried: list[tuple[float, list[float], tuple[Expression, ...]]] = []
    for values in template.starts:
        terms = template.terms(values)
        columns = np.column_stack([np.broadcast_to(evaluate(term, x), len(y)) for term in terms])
        if not np.isfinite(columns).all():
            continue
        factors, left = coefficients(columns, y, weight)
        if math.isfinite(left) and np.isfinite(factors).all():
            tried.append((left, factors.tolist(), terms))
    tried.sort(key=lambda one: one[0])
    return [together(factors, terms) for _, factors, terms in tried[:POLISHED]]


def coefficients(columns: Array, y: Array, weight: Array | None) -> tuple[Array, float]:
    """The coefficients (p,) of columns (n, p) by least squares, and the weighted sum of squares that is left."""
    root = np.ones_like(y) if weight is None else np.sqrt(weight)
    size = np.abs(columns).max(axis=0)
    size[size == 0] = 1.0
    with np.errstate(all="ignore"):
        found = lstsq(columns / size * root[:, None], y * root) / size
        return found, float(np.sum((root * (columns @ found - y)) ** 2))


def together(factors: Sequence[float], terms: Sequence[Expression]) -> Expression:
    """The sum of the terms; of a sine and a cosine of one angle, one sine."""
    waves = [(i, wave) for i, term in enumerate(terms) if (wave := wave_in(term)) is not None]
    if len(waves) == 2:
        (i, wave), (j, _) = waves
        shifted = Call("sin", add(wave.argument, Constant(math.atan2(factors[j], factors[i]))))
        rest = [multiply(Constant(factors[k]), terms[k]) for k in range(len(terms)) if k not in (i, j)]
        size = Constant(math.hypot(factors[i], factors[j]))
        return add(*rest, multiply(size, substitute(terms[i], {wave: shifted})))
    return add(*(multiply(Constant(f), term) for f, term in zip(factors, terms, strict=True)))


def wave_in(term: Expression) -> Call | None:
    """The sine or cosine of a term."""
    for node in walk(term):
        if isinstance(node, Call) and node.function in ("sin", "cos"):
            return node
    return None


def products_of_powers(table: Dataset) -> Iterator[Starting]:
    """A product of powers of the inputs, by least squares of the logarithms, and with inputs left out one by one.

    Inputs of both signs have whole exponents, with which the sign of the target must agree.
    """
    chosen = [i for i, column in enumerate(table.x.T) if (column != 0).all()]
    if not chosen or not (table.y != 0).all() or len(table.y) < 2 * len(chosen) + 2:
        return
    signed = {i for i in chosen if (table.x[:, i] < 0).any()}
    aim = np.log(np.abs(table.y))
    logs = {i: np.log(np.abs(table.x[:, i])) for i in chosen}
    while chosen:
        columns = np.column_stack([np.ones(len(aim)), *(logs[i] for i in chosen)])
        found = lstsq(columns, aim)
        if not np.isfinite(found).all():
            return
        size, exponents = math.exp(min(float(found[0]), 700.0)), found[1:].tolist()
        sign = np.sign(table.y)
        powers = []
        for i, p in zip(chosen, exponents, strict=True):
            if i in signed:
                sign = sign * np.sign(table.x[:, i]) ** round(p)
            powers.append(power(Variable(i), exact(round(p)) if i in signed else Constant(float(p))))
        if (sign == sign[0]).all():
            yield Starting("product of powers", [multiply(Constant(size * float(sign[0])), *powers)])
        away = [abs(p) * float(logs[i].std()) for i, p in zip(chosen, exponents, strict=True)]
        chosen.pop(int(np.argmin(away)))


def planes(table: Dataset) -> Iterator[Starting]:
    """A plane with inputs left out one by one, the least influential first."""
    chosen = list(range(table.x.shape[1]))
    if len(chosen) == 1:
        return
    while chosen:
        columns = np.column_stack([np.ones(len(table.y)), table.x[:, chosen]])
        found, _ = coefficients(columns, table.y, table.weight)
        terms: list[Expression] = [ONE, *(Variable(i) for i in chosen)]
        linear = tuple(tuple(int(i == j) for j in range(table.x.shape[1])) for i in chosen)
        yield Starting("plane", [together(found.tolist(), terms)], linear)
        away = np.abs(found[1:]) * table.x[:, chosen].std(axis=0)
        chosen.pop(int(np.argmin(away)))


def waves_are_seen(expression: Expression, x: Array) -> bool:
    """Whether each sine and cosine goes through more than a quarter of a period on the rows x (n, d), and no faster
    than the rows can tell: the fit of a straight line or of an alias has neither."""
    for node in walk(expression):
        if isinstance(node, Call) and node.function in ("sin", "cos"):
            angle = np.unique(np.broadcast_to(evaluate(node.argument, x), len(x)))
            if np.ptp(angle) < math.pi / 2 or np.ptp(angle) > math.pi * len(angle):
                return False
    return True


def best_of(form: Starting, table: Dataset) -> Fitted | None:
    """The best fit from several starts, under additive errors; None where the rows do not carry its constants."""
    found: list[Fitted] = []
    rows, spread = len(table.y), float(table.y.std()) or 1.0
    for start in form.starts:
        with np.errstate(all="ignore"):
            expression = canonical(start, table.x)
            if not carried(rows, len(constants(expression))):
                continue
            fitted = refit(expression, table.x, table.y, table.weight, steps=STEPS)
            if not math.isfinite(fitted.sse) or not waves_are_seen(fitted.expression, table.x):
                continue
            if undetermined(fitted, table.x, spread):
                continue
            bits = length(fitted, rows, RESOLUTION * spread).bits
            found.append(Fitted(form.name, fitted.expression, bits, form.terms))
    return min(found, key=lambda one: one.bits, default=None)


def undetermined(fitted: Refit, x: Array, spread: float) -> bool:
    """Whether a constant may be anything, 0 as well: its error is above its value, and would move the form by much
    more than the target's deviation.

    Two exponentials of one rate are one. Such a constant would cost nothing, as nothing of it need be written.
    """
    free = constants(fitted.expression)
    values, there = [constant.value for constant in free], evaluate(fitted.expression, x)
    for j, deviation in enumerate(fitted.standard_errors):
        if deviation <= abs(values[j]):
            continue
        step = STEP * (abs(values[j]) or 1.0)
        moved = with_constants(fitted.expression, [v + step * (i == j) for i, v in enumerate(values)])
        slope = (evaluate(moved, x) - there) / step
        if not float(deviation) * float(np.sqrt(np.mean(slope**2))) <= ANYTHING * spread:
            return True
    return False
