"""A table rewritten with fewer rows, fewer inputs or other ones, and the way back.

There is one way to rewrite a table, `dataset_of`, and one way back, `Rewritten.back`: irrelevant inputs, combinations
of inputs, factors of the target, dimensionless numbers and samples of the rows are all of this kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.dataset.value import fingerprint
from kancli.search.inputs.slopes import Combination, Homogeneity
from kancli.symbolic.expression import ONE, Expression, Variable, evaluate, exact, multiply, power, substitute
from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rewritten:
    """`dataset` has one input for each of `inputs`, which are expressions in the columns of `table`, and the
    table's target divided by `factor`. `unit`: an error in units of the derived target's deviation times this is
    the same error in units of the table's."""

    table: Dataset
    dataset: Dataset
    inputs: tuple[Expression, ...]
    factor: Expression
    unit: float = 1.0

    @property
    def key(self) -> tuple[object, ...]:
        """What distinguishes it from other ones of the same table."""
        return self.inputs, self.factor

    def back(self, inner: Expression) -> Expression:
        """An expression for the rewritten table as one for the table itself."""
        own: dict[Expression, Expression] = {Variable(i): one for i, one in enumerate(self.inputs)}
        return multiply(self.factor, substitute(inner, own))

    def combined(self, combinations: Sequence[Combination]) -> Rewritten | None:
        """The same with more of its inputs combined; None where a combination has no value in some row."""
        taken = {i for c in combinations for i in c.members}
        inputs = [c.expression(self.inputs) for c in combinations]
        inputs += [own for i, own in enumerate(self.inputs) if i not in taken]
        return rewritten(self.table, inputs, self.factor)

    def divided(self, powers: Mapping[int, float]) -> Rewritten | None:
        """The same with powers of some of its inputs taken out of the target; None as above, or if none is left."""
        inputs = [own for i, own in enumerate(self.inputs) if i not in powers]
        parts = [power(self.inputs[i], exact(small_fraction(k))) for i, k in powers.items()]
        return rewritten(self.table, inputs, multiply(self.factor, *parts)) if inputs else None

    def only(self, inputs: Sequence[Expression]) -> Rewritten | None:
        """The same with these of its inputs alone; None where there is none."""
        return rewritten(self.table, inputs, self.factor) if inputs else None

    def scaled(self, found: Homogeneity) -> Rewritten | None:
        """The same with the scale of two inputs taken out of the target, and only their quotient left of them."""
        scale, other = self.inputs[found.scale], self.inputs[found.other]
        quotient = multiply(other, power(scale, exact(small_fraction(-found.weight))))
        rest = [own for i, own in enumerate(self.inputs) if i not in (found.scale, found.other)]
        factor = multiply(self.factor, power(scale, exact(small_fraction(found.degree))))
        return rewritten(self.table, [quotient, *rest], factor)


def as_it_is(table: Dataset) -> Rewritten:
    """The table itself."""
    return Rewritten(table, table, tuple(Variable(i) for i in range(len(table.inputs))), ONE)


def rewritten(table: Dataset, inputs: Sequence[Expression], factor: Expression) -> Rewritten | None:
    """The table with these inputs instead of its own, and its target over `factor`.

    None where one of them has no value in some row, or never changes.
    """
    with np.errstate(all="ignore"):
        x = np.column_stack([evaluate(one, table.x) for one in inputs])
        scale = evaluate(factor, table.x)
        y = table.y / scale
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(scale).all() and scale.all()):
        return None
    if never_changes(x, y):
        return None
    safe = safe_names(table.inputs)
    names = tuple(
        table.inputs[one.index] if isinstance(one, Variable) else render(one, safe) for one in inputs
    )
    dataset = dataset_of(table, names, x, y, None if factor == ONE else scale)
    unit = float(y.std() * np.sqrt(np.mean(scale**2)) / (table.y.std() or 1.0))
    return Rewritten(table, dataset, tuple(inputs), factor, unit)


def in_rows(table: Dataset, rows: NDArray[np.intp]) -> Rewritten | None:
    """The table with some of its rows; None where an input or the target never changes in them."""
    x, y = table.x[rows], table.y[rows]
    if never_changes(x, y):
        return None
    weight, noise = table.weight, table.noise
    if weight is not None:
        weight = weight[rows]
        # `noise` is that of a row of weight 1, whatever the unit of the weights.
        noise = None if noise is None else noise / float(np.sqrt(weight.mean()))
    some = replace(table, validation=table.validation[rows], weight=weight, noise=noise)
    return replace(as_it_is(table), dataset=dataset_of(some, table.inputs, x, y))


def dataset_of(
    table: Dataset,
    inputs: tuple[str, ...],
    x: Array,
    y: Array,
    scale: Array | None = None,
    target: str | None = None,
) -> Dataset:
    """The table with other inputs x (n, d) and another target y (n,), which is its own over `scale` (n,).

    What a row says about y it says about y/scale times scale: that is its weight. Weights keep a mean of 1.
    """
    weight = table.weight
    if scale is not None:
        weight = scale**2 if weight is None else weight * scale**2
    if weight is not None:
        weight = weight / weight.mean()
    x, target = np.ascontiguousarray(x), table.target if target is None else target
    same = inputs == table.inputs
    return replace(
        table,
        inputs=inputs,
        target=target,
        x=x,
        y=y,
        weight=weight,
        noise=table.noise if scale is None else None,
        constant=table.constant if same else {},
        fingerprint=fingerprint(inputs, target, x, y, weight),
        remarks=(),
    )


def never_changes(x: Array, y: Array) -> bool:
    """Whether an input or the target has one value only."""
    return bool((np.ptp(x, axis=0) == 0).any() or np.ptp(y) == 0)
