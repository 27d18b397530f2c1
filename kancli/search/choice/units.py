"""Whether formulas for a table add up in its units, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import Formula
from kancli.units import ColumnUnits, check, read_units


@dataclass(frozen=True)
class Soundness:
    """`strict`: a formula that does not add up is taken only where there is no other; else it is remarked on."""

    dataset: Dataset
    units: ColumnUnits
    strict: bool

    def faults(self, formula: Formula) -> tuple[str, ...]:
        """What counts against a formula."""
        return self.violations(formula) if self.strict else ()

    def violations(self, formula: Formula) -> tuple[str, ...]:
        """What does not add up in a formula, in words."""
        if not self.units:
            return ()
        names = safe_names(self.dataset.inputs)
        known = self.units.units
        by_index = {i: known[n].dimension for i, n in enumerate(self.dataset.inputs) if n in known}
        target = known[self.dataset.target].dimension if self.dataset.target in known else None
        return tuple(check(formula.expression, by_index, target, names))

    def remarked(self, version: Checkpoint, formula: Formula) -> Checkpoint:
        """The version with a remark where the units of its formula do not add up, unless there is one already."""
        faults = self.violations(formula)
        remarks = list(version.metadata.get("remarks", ()))
        if not faults or any(remark.startswith("units:") for remark in remarks):
            return version
        remarks.append(f"units: the formula does not add up: {'; '.join(faults)}")
        return replace(version, metadata={**version.metadata, "remarks": remarks})


def soundness(dataset: Dataset, section: Mapping[str, str], options: FitOptions) -> Soundness:
    """The units of a table's columns, from `units:` and the headers. Raises UsageError as `read_units` does."""
    if options.units == "ignore":
        return Soundness(dataset, ColumnUnits({}, given=False), strict=False)
    units = read_units((*dataset.inputs, dataset.target, *dataset.constant), section)
    strict = options.units == "check" or (options.units is None and units.given)
    return Soundness(dataset, units, strict)
