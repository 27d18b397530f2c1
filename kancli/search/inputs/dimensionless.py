"""A search among dimensionless numbers: the table rewritten in them, the formula written back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.search.candidate import Candidate
from kancli.search.inputs.back import bring_back
from kancli.search.inputs.rewritten import Rewritten, dataset_of
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal, Refused, Rewriting, fitted_candidate
from kancli.search.task import Task
from kancli.symbolic.expression import Constant, evaluate, multiply
from kancli.symbolic.expression.names import safe_names
from kancli.units import ColumnUnits, Unit, read_units
from kancli.units.columns import bare
from kancli.units.groups import Groups, dimensionless

# A group is constant when it varies by no more than rounding.
SAME = 1e-12
# A law without any number to depend on should explain this much.
ENOUGH = 0.9


@dataclass(frozen=True)
class Reduced:
    """`table` in the groups that vary, None where none does: then the target is a constant times `groups.scale`."""

    groups: Groups
    table: Rewritten | None

    @property
    def law(self) -> str:
        """`F/(m*a) = f(v/c)`: the law in dimensionless numbers."""
        inputs = ", ".join(self.groups.names)
        return f"{self.groups.target} = f({inputs})" if inputs else f"{self.groups.target} = a number"

    @property
    def facts(self) -> dict[str, object]:
        """What the version records of the numbers."""
        return {"dimensionless": {"inputs": list(self.groups.names), "target": self.groups.target}}


class DimensionlessNumbers:
    """The table in dimensionless numbers, of which there are fewer than inputs (Buckingham's theorem)."""

    name: ClassVar[str] = "units"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        """Raises UsageError where a unit is missing or the units do not allow it."""
        table = task.dataset
        units = read_units((*table.inputs, table.target, *table.constant), task.units)
        found = reduced(table, units)
        ledger.remarks.append(f"in dimensionless numbers: {found.law}")
        if found.table is None:
            yield (without_numbers(found, task),)
            return
        rewritten = found.table

        def back(candidate: Candidate) -> Candidate | Refused:
            return bring_back(
                replace(candidate, remarks=()),
                rewritten,
                constants="finished",
                snapping=task.options.snap,
                seconds=task.options.simplify_seconds,
                stage="units",
                options={"units": "reduce"},
                remark=f"fitted as {found.law}",
                more=found.facts,
            )

        options = task.options.model_copy(update={"units": "ignore"})
        inner = replace(task, dataset=rewritten.dataset, options=options, units={})
        yield Rewriting(inner, back, keep=1, at_end=True)


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
    numbers = dataset_of(dataset, found.names, x[:, kept], y, scale, found.target)
    return Reduced(found, Rewritten(dataset, numbers, found.groups, found.scale))


def _unit(units: ColumnUnits, name: str) -> Unit:
    if name not in units.units:
        raise UsageError(
            f"--units reduce: the unit of {name} is not known",
            f"add it: --unit {name}=UNIT, or {name} [UNIT] as header",
        )
    return units.units[name]


def without_numbers(found: Reduced, task: Task) -> Candidate | Refused:
    """The candidate where no number varies: a constant times the scale of the target."""
    table = task.dataset
    scale = evaluate(found.groups.scale, table.x)
    mean = float(table.y @ scale / (scale @ scale))
    made = fitted_candidate(multiply(Constant(mean), found.groups.scale), task, "units", {"units": "reduce"})
    if isinstance(made, Refused):
        return made
    remarks = [f"fitted as {found.law}"]
    if made.formula.r2 is None or made.formula.r2 < ENOUGH:
        remarks.append(
            "the units allow nothing else, and it explains little: a quantity is missing from the table"
        )
    base = replace(made.base, metadata={**made.base.metadata, **found.facts})
    return replace(made, base=base, remarks=tuple(remarks))
