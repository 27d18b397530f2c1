"""A table in which some inputs are replaced by combinations that the data depend on, and the way back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kancli.dataset import Dataset
from kancli.dataset.value import fingerprint
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import Attempt, succeeded
from kancli.search.facts import columns_of, facts_without_network
from kancli.search.inputs.slopes import Combination, Homogeneity, as_fraction
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import ONE, Expression, Variable, evaluate, exact, multiply, power, substitute
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import finish, tidied, write
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render


@dataclass(frozen=True)
class Derived:
    """`dataset` has one input for each of `inputs`, which are expressions in the columns of `table`, and the
    table's target divided by `factor`. `unit`: an error in units of the derived target's deviation times this is
    the same error in units of the table's."""

    table: Dataset
    dataset: Dataset
    inputs: tuple[Expression, ...]
    factor: Expression
    unit: float = 1.0

    @property
    def only_rows(self) -> bool:
        """Whether it has fewer rows than the table."""
        return len(self.dataset.y) < len(self.table.y)

    @property
    def remark(self) -> str:
        """What was done to the table."""
        if self.only_rows:
            rows, some = len(self.table.y), len(self.dataset.y)
            return f"searched in {some} of {rows} rows, constants fitted to all"
        return f"fitted in {', '.join(self.dataset.inputs)}"

    def same_as(self, other: Derived) -> bool:
        """Whether both have the same inputs and the same factor."""
        return (self.inputs, self.factor) == (other.inputs, other.factor)

    def written_back(self, formula: str) -> Expression:
        """A formula in the derived inputs as one in the table's own columns."""
        inner = parse(formula, safe_names(self.dataset.inputs))
        own: dict[Expression, Expression] = {Variable(i): one for i, one in enumerate(self.inputs)}
        return multiply(self.factor, substitute(inner, own))

    def combined(self, combinations: Sequence[Combination]) -> Derived | None:
        """The same with more of its inputs combined; None where a combination has no value in some row."""
        taken = {i for c in combinations for i in c.members}
        inputs = [c.expression(self.inputs) for c in combinations]
        inputs += [own for i, own in enumerate(self.inputs) if i not in taken]
        return derived(self.table, inputs, self.factor)

    def divided(self, powers: Mapping[int, float]) -> Derived | None:
        """The same with powers of some of its inputs taken out of the target; None as above, or if none is left."""
        inputs = [own for i, own in enumerate(self.inputs) if i not in powers]
        parts = [power(self.inputs[i], exact(as_fraction(k))) for i, k in powers.items()]
        return derived(self.table, inputs, multiply(self.factor, *parts)) if inputs else None

    def only(self, inputs: Sequence[Expression]) -> Derived | None:
        """The same with these of its inputs alone; None where there is none."""
        return derived(self.table, inputs, self.factor) if inputs else None

    def scaled(self, found: Homogeneity) -> Derived | None:
        """The same with the scale of two inputs taken out of the target, and only their quotient left of them."""
        scale, other = self.inputs[found.scale], self.inputs[found.other]
        quotient = multiply(other, power(scale, exact(as_fraction(-found.weight))))
        rest = [own for i, own in enumerate(self.inputs) if i not in (found.scale, found.other)]
        factor = multiply(self.factor, power(scale, exact(as_fraction(found.degree))))
        return derived(self.table, [quotient, *rest], factor)


def nothing_derived(table: Dataset) -> Derived:
    """The table as it is."""
    return Derived(table, table, tuple(Variable(i) for i in range(len(table.inputs))), ONE)


def derived(table: Dataset, inputs: Sequence[Expression], factor: Expression) -> Derived | None:
    """The table with these inputs instead of its own, and its target over `factor`.

    None where one of them has no value in some row, or never changes. What a row says about y it says about
    y/factor times factor: that is its weight.
    """
    with np.errstate(all="ignore"):
        x = np.column_stack([evaluate(one, table.x) for one in inputs])
        scale = evaluate(factor, table.x)
        y = table.y / scale
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(scale).all() and scale.all()):
        return None
    if (np.ptp(x, axis=0) == 0).any() or np.ptp(y) == 0:
        return None
    weight = table.weight
    if factor != ONE:
        weight = scale**2 if weight is None else weight * scale**2
        weight = weight / weight.mean()
    safe = safe_names(table.inputs)
    names = tuple(
        table.inputs[one.index] if isinstance(one, Variable) else render(one, safe) for one in inputs
    )
    x = np.ascontiguousarray(x)
    dataset = replace(
        table,
        inputs=names,
        x=x,
        y=y,
        weight=weight,
        noise=table.noise if factor == ONE else None,
        constant={},
        fingerprint=fingerprint(names, table.target, x, y, weight),
        remarks=(),
    )
    unit = float(y.std() * np.sqrt(np.mean(scale**2)) / (table.y.std() or 1.0))
    return Derived(table, dataset, tuple(inputs), factor, unit)


def restored(
    attempt: Attempt, found: Derived, options: FitOptions, seed: int, seconds: float = math.inf
) -> Attempt | None:
    """An attempt on the derived table with its formula, and its front, in the columns of the table itself.

    A formula that explains everything is simplified once more, in `seconds` at most; any other one is only
    written back. None where the formula has no value in some row.
    """
    facts, table = attempt.facts, found.table
    how = columns_of(table)
    limit = min(options.simplify_seconds, seconds)
    whole = found.written_back(facts["formula"])
    try:
        if attempt.explains:
            formula = finish(whole, table.x, table.y, snapping=options.snap, seconds=limit, **how)
        else:
            if found.only_rows:
                nearest = refit(whole, table.x, table.y, table.weight).expression
                whole = tidied(nearest, table.x, table.y, table.weight)
            formula = write(whole, table.x, table.y, **how)
    except (FitError, AssertionError):
        return None
    front = []
    for entry in facts["front"]:
        if not entry["chosen"]:
            try:
                front.append(write(found.written_back(entry["formula"]), table.x, table.y, **how).metadata())
            except (FitError, AssertionError):
                continue
    metadata = facts_without_network(formula, front, table, seed) | {
        "options": {"derive": list(found.dataset.inputs)},
        "edges": [dict(edge) for edge in facts["edges"]],
        "splines_left": facts["splines_left"],
        "remarks": [*facts.get("remarks", ()), found.remark],
    }
    return succeeded(attempt, metadata, table, found.dataset)
