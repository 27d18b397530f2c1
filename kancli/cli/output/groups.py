"""The constants of groups as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kancli.cli.output.figures import figure, short


def constants_rows(groups: Mapping[str, Any]) -> tuple[tuple[str, ...], list[list[str]], list[list[str]]]:
    """The table of constants per group: its columns, its rows with all digits, and rounded."""
    names = groups["names"]
    columns = (*groups["by"], *(part for name in names for part in (name, f"error of {name}")), "rows")
    full, brief = [], []
    for label, (key, values) in zip(groups["labels"], groups["constants"].items(), strict=True):
        pairs = [number for name in names for number in values[name]]
        rows = str(groups["rows"][key])
        full.append([*label, *map(figure, pairs), rows])
        brief.append([*label, *map(short, pairs), rows])
    return columns, full, brief
