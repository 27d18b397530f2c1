"""Which unit each column has: from the recipe's `units:` section, else from headers such as `T [K]`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kancli.errors import UsageError
from kancli.symbolic.expression.names import safe_names
from kancli.units.dimension import Unit, UnitError, parse_unit

_HEADER = re.compile(r"(?P<name>.*\S)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))\s*")


@dataclass(frozen=True)
class ColumnUnits:
    """`units` of columns by their names in the file; those not in it are not known. `given`: they come from a
    section, not only from headers. `remarks`: keys of it that are no columns here."""

    units: Mapping[str, Unit]
    given: bool
    remarks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.units)


def read_units(columns: Sequence[str], section: Mapping[str, str]) -> ColumnUnits:
    """The units of these columns. A key of `section` is a column as in the file, in a formula, or without its unit.

    What stands in brackets in a header counts where it is a unit. A key that is none of these columns may be an
    unused column of the table: it leads to a remark. Raises UsageError for a text that is not a unit.
    """
    units = {name: unit for name in columns if (unit := in_header(name)) is not None}
    known = _known(columns)
    remarks = []
    for key, text in section.items():
        try:
            unit = parse_unit(text)
        except UnitError as problem:
            raise UsageError(
                f"units: {key}: {problem}", "write kg*m/s^2, N, km/h, or 1 for a number"
            ) from problem
        if key in known:
            units[known[key]] = unit
        else:
            close = difflib.get_close_matches(key, known, 1)
            remarks.append(
                f"units: {key} is not a column in use" + (f"; did you mean {close[0]}?" if close else "")
            )
    return ColumnUnits(units, bool(section), tuple(remarks))


def in_header(name: str) -> Unit | None:
    """The unit of `T [K]` or `v (m/s)`; None where there is none."""
    found = _HEADER.fullmatch(name)
    if found is None:
        return None
    text = found["square"] if found["square"] is not None else found["round"]
    try:
        return parse_unit(text)
    except UnitError:
        return None


def bare(name: str) -> str:
    """`T` of `T [K]`."""
    found = _HEADER.fullmatch(name)
    return name if found is None else found["name"]


def _known(columns: Sequence[str]) -> dict[str, str]:
    """Columns by each of their possible names."""
    known: dict[str, str] = {}
    for names in (columns, safe_names(columns), [bare(name) for name in columns]):
        for name, column in zip(names, columns, strict=True):
            known.setdefault(name, column)
    return known
