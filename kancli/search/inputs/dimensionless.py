"""A search among dimensionless numbers: the table rewritten in them, the formula written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.dataset.value import fingerprint
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search.facts import columns_of, facts_without_network
from kancli.symbolic.expression import Constant, Expression, Variable, evaluate, multiply, substitute
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import Formula, finish, write
from kancli.symbolic.text.parser import parse
from kancli.units import ColumnUnits, Unit
from kancli.units.columns import bare
from kancli.units.groups import Groups, dimensionless

# A group is constant when it varies by no more than rounding.
SAME = 1e-12
# A law without any number to depend on should explain this much.
ENOUGH = 0.9


@dataclass(frozen=True)
class Reduced:
    """`dataset` of the groups that vary, None where none does: then the target is a constant times `groups.scale`."""

    groups: Groups
    dataset: Dataset | None

    def written_back(self, formula: str) -> Expression:
        """A formula in the groups as one in the table's own columns."""
        assert self.dataset is not None
        inner = parse(formula, safe_names(self.dataset.inputs))
        groups: dict[Expression, Expression] = {
            Variable(index): group for index, group in enumerate(self.groups.groups)
        }
        return multiply(self.groups.scale, substitute(inner, groups))


def reduced(dataset: Dataset, units: ColumnUnits) -> Reduced:
    """The table in dimensionless numbers. Raises UsageError where a unit is missing or the units do not allow it."""
    names = safe_names([bare(name) for name in dataset.inputs])
    found = dimensionless(
        names,
        [_unit(units, name) for name in dataset.inputs],
        bare(dataset.target),
        _unit(units, dataset.target),
        dataset.x,
    )
    x = found.values(dataset.x)
    scale = evaluate(found.scale, dataset.x)
    if not np.all(scale) or not (np.isfinite(x).all() and np.isfinite(scale).all()):
        raise UsageError(
            "--units reduce: a dimensionless number has no value in some row", "--units check does without"
        )
    y = dataset.y / scale
    varies = np.ptp(x, axis=0) > SAME * np.abs(x).max(axis=0, initial=0.0)
    kept = np.flatnonzero(varies)
    found = replace(
        found, groups=tuple(found.groups[i] for i in kept), names=tuple(found.names[i] for i in kept)
    )
    if not len(kept) or np.ptp(y) <= SAME * np.abs(y).max():
        return Reduced(found, None)
    x = np.ascontiguousarray(x[:, kept])
    weight = dataset.weight
    if weight is not None:  # what a row says about y it says about y/scale times scale
        weight = weight * scale**2
        weight = weight / weight.mean()
    return Reduced(
        found,
        replace(
            dataset,
            inputs=found.names,
            target=found.target,
            x=x,
            y=y,
            constant={},
            fingerprint=fingerprint(found.names, found.target, x, y, weight),
            remarks=(),
            weight=weight,
            noise=None,
        ),
    )


def _unit(units: ColumnUnits, name: str) -> Unit:
    if name not in units.units:
        raise UsageError(
            f"--units reduce: the unit of {name} is not known",
            f"add it: --unit {name}=UNIT, or {name} [UNIT] as header",
        )
    return units.units[name]


def restored(
    facts: Mapping[str, Any] | None, found: Reduced, dataset: Dataset, options: FitOptions, seed: int
) -> Checkpoint:
    """The formula and its front in the table's own columns, measured there. A version without a network.

    `facts` are those of the formula in the groups; None where no group varies.
    """
    how = columns_of(dataset)

    def finished(expression: Expression) -> Formula:
        return finish(
            expression, dataset.x, dataset.y, snapping=options.snap, seconds=options.simplify_seconds, **how
        )

    if facts is None:
        scale = evaluate(found.groups.scale, dataset.x)
        mean = float(dataset.y @ scale / (scale @ scale))
        formula = finished(multiply(Constant(mean), found.groups.scale))
        front = []
    else:
        formula = finished(found.written_back(facts["formula"]))
        front = [
            write(found.written_back(entry["formula"]), dataset.x, dataset.y, **how).metadata()
            for entry in facts["front"]
            if not entry["chosen"]
        ]
    metadata = facts_without_network(formula, front, dataset, seed) | {
        "options": {"units": "reduce"},
        "groups": {"inputs": list(found.groups.names), "target": found.groups.target},
        "edges": [dict(edge) for edge in (facts or {}).get("edges", ())],
        "remarks": remarks_on(found, formula.r2),
    }
    return Checkpoint("units", {}, metadata)


def remarks_on(found: Reduced, r2: float | None) -> list[str]:
    """What the numbers were, and whether they were enough."""
    remarks = [f"fitted as {law_of(found)}"]
    if not found.groups.groups and (r2 is None or r2 < ENOUGH):
        remarks.append(
            "the units allow nothing else, and it explains little: a quantity is missing from the table"
        )
    return remarks


def law_of(found: Reduced) -> str:
    """`F/(m*a) = f(v/c)`: the law in dimensionless numbers."""
    inputs = ", ".join(found.groups.names)
    return f"{found.groups.target} = f({inputs})" if inputs else f"{found.groups.target} = a number"
