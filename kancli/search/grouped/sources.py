"""Where the forms come from: tables in which the search of `kan fit` looks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, GroupedTable
from kancli.errors import DataError
from kancli.symbolic.expression import Constant, Expression, Variable, add, constants, multiply, substitute
from kancli.symbolic.expression.form_of import freed
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.tree import (
    Power,
    Product,
    Sum,
    children,
    integer_of,
    rebuilt,
    split,
    with_leaves,
)
from kancli.symbolic.forms.form import Form
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.rewrite.canonical import canonical

Array = NDArray[np.float64]

# Groups that are searched by themselves.
SEVERAL = 3
# Rows of a group below which it is not searched by itself.
LEAST_ROWS = 8
# Steps in which an offset and a scale per group are found, and knots of the common function per input.
ROUNDS, KNOTS = 25, 6
# Share of the variance within groups that one function, shifted and scaled, must explain to be worth a search.
COMMON = 0.9


@dataclass(frozen=True, eq=False)
class Source:
    """A table to search in; `wider` makes of its formulas what they are for the rows of a group, over the columns of
    the table itself."""

    name: str
    dataset: Dataset
    wider: Callable[[Expression], Expression]


@dataclass(frozen=True, eq=False)
class FoundForm:
    """A form and constants (names,) to start from."""

    form: Form
    start: Array


def sources(table: GroupedTable, validation: float, seed: int) -> list[Source]:
    """The tables: some groups, all rows without offsets and scales of the groups, and all rows.

    The groups with the largest sum of squares about their mean: where errors are alike, they show most of the law.
    """
    counts = np.bincount(table.group, minlength=len(table.labels))
    about = table.dataset.y - (np.bincount(table.group, weights=table.dataset.y) / counts)[table.group]
    squares = about**2 if table.dataset.weight is None else about**2 * table.dataset.weight
    size = np.bincount(table.group, weights=squares)
    order = [k for k in sorted(range(len(counts)), key=lambda k: (-size[k], k)) if counts[k] >= LEAST_ROWS]
    found: list[Source] = []
    for number in order[:SEVERAL]:
        try:
            part = table.part(number, validation, seed)
        except DataError:  # one value of the target, or of all inputs
            continue
        found.append(Source(f"group {table.names[number]}", part, same_columns(part, table.dataset)))
    common = without_offsets(table)
    if common is not None:
        found.insert(1, Source("all groups, shifted and scaled", common, shifted_and_scaled))
    found.append(Source("all rows", table.dataset, lambda expression: expression))
    return found


def same_columns(part: Dataset, whole: Dataset) -> Callable[[Expression], Expression]:
    """From the columns of a part, some of which are constant there, to those of the whole table."""
    places: dict[Expression, Expression] = {
        Variable(i): Variable(whole.inputs.index(name)) for i, name in enumerate(part.inputs)
    }
    return lambda expression: substitute(expression, places)


def shifted_and_scaled(expression: Expression) -> Expression:
    """a·f + b of a common function."""
    return add(multiply(Constant(1.0), expression), Constant(0.0))


def without_offsets(table: GroupedTable) -> Dataset | None:
    """The table with (y − a_g)/b_g as its target, where y = a_g + b_g·f(x) with one f for all groups explains most.

    f is additive in cubic splines of the inputs and products of two; a, b and f take turns in least squares.
    """
    dataset, group = table.dataset, table.group
    groups = len(table.labels)
    y = dataset.y
    basis = smooth(dataset.x)
    counts = np.maximum(np.bincount(group, minlength=groups), 1)

    def mean(values: Array) -> Array:
        found: Array = np.bincount(group, weights=values, minlength=groups) / counts
        return found

    offset = mean(y)
    scale = np.sqrt(mean((y - offset[group]) ** 2))
    if len(y) < 2 * (basis.shape[1] + 2 * groups) or not (scale > 0).all():
        return None
    within = float(np.sum((y - offset[group]) ** 2))
    common = y
    for _ in range(ROUNDS):
        factors = lstsq(basis * scale[group][:, None], y - offset[group], rcond=1e-10)
        common = basis @ factors
        centre = mean(common)
        about = common - centre[group]
        variance = mean(about**2)
        scale = mean(about * y) / np.where(variance > 0, variance, 1.0)
        offset = mean(y) - scale * centre
    left = y - offset[group] - scale[group] * common
    size = np.abs(scale)
    if float(left @ left) > (1 - COMMON) * within or not (size > 1e-6 * size.max()).all():
        return None
    weight = scale[group] ** 2 * (1.0 if dataset.weight is None else dataset.weight)
    return replace(
        dataset,
        y=(y - offset[group]) / scale[group],
        weight=weight / weight.mean(),
        noise=None,
        fingerprint=f"{dataset.fingerprint}-common",
    )


def smooth(x: Array) -> Array:
    """A basis (n, m) of smooth functions: 1, cubic splines of each input, products of two."""
    columns = [np.ones(len(x))]
    units = []
    for column in x.T:
        low, high = float(column.min()), float(column.max())
        unit = (column - low) / ((high - low) or 1.0)
        units.append(unit)
        knots = np.quantile(unit, np.linspace(0, 1, KNOTS + 2)[1:-1])
        columns += [unit, unit**2, unit**3, *(np.maximum(unit - knot, 0) ** 3 for knot in knots)]
    columns += [units[i] * units[j] for i in range(len(units)) for j in range(i)]
    return np.column_stack(columns)


def forms_of(expressions: Sequence[Expression], source: Source, table: Dataset) -> Iterator[FoundForm]:
    """The forms of formulas that were found in a source, over the columns of the table."""
    for expression in expressions:
        wide = canonical(source.wider(freed(expression)), table.x)
        yield as_form(wide, table)
        if (turned := other_gauge(wide)) != wide:
            yield as_form(turned, table)


def other_gauge(node: Expression) -> Expression:
    """a/(b·u + 1) as a/(u + c): where 1 is hardly seen beside b·u in one group, its sign is not known either, and a
    fit cannot pass from one to the other through infinite b."""
    parts = children(node)
    if not parts:
        return node
    node = rebuilt(node, [other_gauge(part) for part in parts])
    if not isinstance(node, Product):
        return node
    factors = list(node.factors)
    ahead = [i for i, factor in enumerate(factors) if isinstance(factor, Constant) and factor.free]
    for i, factor in enumerate(factors):
        if not (ahead and isinstance(factor, Power) and isinstance(factor.base, Sum)):
            continue
        exponent = integer_of(factor.exponent)
        added = [term for term in factor.base.terms if isinstance(term, Constant)]
        others = [split(term) for term in factor.base.terms if not isinstance(term, Constant)]
        if exponent is None or len(added) != 1 or not (others[0][0].free and others[0][0].value):
            continue
        size = others[0][0].value
        terms = [others[0][1]]
        terms += [multiply(Constant(c.value / size), rest) for c, rest in others[1:]]
        first = factors[ahead[0]]
        assert isinstance(first, Constant)
        factors[ahead[0]] = Constant(first.value * size**exponent)
        factors[i] = Power(Sum((*terms, Constant(added[0].value / size))), factor.exponent)
    return Product(tuple(factors))


def as_form(expression: Expression, table: Dataset) -> FoundForm:
    """The form of an expression, its free constants named."""
    columns = safe_names(table.inputs)
    free = constants(expression)
    leaves = [Variable(len(columns) + k) for k in range(len(free))]
    form = Form(columns, constant_names(columns, len(free)), with_leaves(expression, leaves))
    return FoundForm(form, np.array([c.value for c in free], dtype=np.float64))


def constant_names(columns: Sequence[str], count: int) -> tuple[str, ...]:
    """c1, c2, … without those that are columns."""
    taken = set(columns)
    names = (f"c{k}" for k in range(1, count + len(taken) + 1))
    return tuple([name for name in names if name not in taken][:count])
