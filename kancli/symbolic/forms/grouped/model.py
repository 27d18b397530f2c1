"""A form on rows that belong to groups: each of its named constants has a value per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import Program, compiled
from kancli.symbolic.forms.form import Form

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class GroupedRows:
    """Rows that stand together by group: x (n, d), y (n,), `root` (n,) of the weights, `group` (n,) ascending from 0,
    `starts` (G,): the first row of each group. No group is empty."""

    x: Array
    y: Array
    root: Array
    group: Codes
    starts: Codes

    @staticmethod
    def of(x: Array, y: Array, weight: Array | None, group: Codes) -> GroupedRows:
        """The rows in the order of their groups, whose numbers are 0 … G − 1."""
        order = np.argsort(group, kind="stable")
        group = group[order]
        starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        root = np.ones(len(y)) if weight is None else np.sqrt(weight[order])
        return GroupedRows(x[order], y[order], root, group, starts)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.starts)

    @property
    def counts(self) -> Codes:
        """Rows of each group, (G,)."""
        return np.diff(np.append(self.starts, len(self.y)))

    def sums(self, values: Array) -> Array:
        """Sums of values (n, …) over the rows of each group, (G, …)."""
        total: Array = np.add.reduceat(values, self.starts, axis=0)
        return total


@dataclass(frozen=True, eq=False)
class GroupedModel:
    """A form bound to such rows: values and derivatives at constants θ (G, names)."""

    program: Program
    leaves: Codes
    names: int
    rows: GroupedRows

    @staticmethod
    def of(form: Form, rows: GroupedRows) -> GroupedModel:
        """The form on the rows."""
        program = compiled(form.free([1.0] * len(form.names)), rows.x)
        return GroupedModel(program, form.leaves, len(form.names), rows)

    def _at_leaves(self, theta: Array) -> Array:
        return np.ascontiguousarray(theta.T[self.leaves][:, self.rows.group])

    def value(self, theta: Array) -> Array:
        """Values (n,)."""
        return self.program.value(self._at_leaves(theta))

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        """Values (n,) and derivatives (n, names) of each row by the constants of its group."""
        values, at_leaves = self.program.value_and_jacobian(self._at_leaves(theta))
        jacobian = np.zeros((len(values), self.names))
        for leaf, name in enumerate(self.leaves):
            jacobian[:, name] += at_leaves[:, leaf]
        return values, jacobian
