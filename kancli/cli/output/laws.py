"""Many laws in one table, on standard output, in a file and on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kancli.cli.output.figures import figure, near_one, short
from kancli.cli.output.tables import Table


def laws_table(results: Sequence[Mapping[str, Any]], failed: Sequence[Mapping[str, Any]]) -> Table:
    """One row per law: its group, target, formula, verdict, r², constants; of a failure the reason."""
    entries = [*results, *failed]
    by = list(dict.fromkeys(name for entry in entries for name in entry["group"] or ()))
    columns = (*by, "target", "formula", "verdict", "r2", "constants", "why")
    return Table(
        columns,
        [_row(by, entry, full=True) for entry in entries],
        (*by, "target", "formula", "verdict", "r²", "constants", "why"),
        [_row(by, entry, full=False) for entry in entries],
    )


def _row(by: Sequence[str], entry: Mapping[str, Any], *, full: bool) -> list[str]:
    head = [*((entry["group"] or {}).get(name, "-") for name in by), entry["target"]]
    if "why" in entry:
        return [*head, "-", "failed", "-", "-", entry["why"]]
    number = figure if full else short
    r2 = figure(entry["r2"]) if full else near_one(entry["r2"])
    verdict = str((entry.get("verdict") or {}).get("kind", "-")).replace("_", " ")
    constants = "; ".join(
        f"{number(c['value'])} ± {number(c['standard_error'])}"
        if c.get("snapped") is None and c.get("standard_error") is not None
        else str(c.get("snapped") or number(c["value"]))
        for c in entry.get("constants") or ()
    )
    return [*head, entry["formula"], verdict, r2, constants or "-", "-"]
