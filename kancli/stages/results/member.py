"""One formula of a version's front in place of the one that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kancli.errors import CheckpointError, UsageError

# Facts of the chosen formula that nothing is known of for another one.
_OF_THE_CHOSEN = (
    "errors", "form", "forms", "influence", "outliers", "parameters", "reduced_chi2", "uncertainty", "unsnapped",
    "verdict",
)  # fmt: skip


def member(metadata: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The facts of a version with the `number`-th formula of its front, from 1, as the formula.

    Formula, LaTeX, quality, complexity, edges and constants are those of the member; its constants have no standard
    errors, and what is known of the chosen formula alone is left out. The chosen member is the version itself.
    Raises UsageError where the front has no such member, CheckpointError where that cannot be read.
    """
    from kancli.symbolic.expression.names import safe_names
    from kancli.symbolic.expression.tree import constants
    from kancli.symbolic.text.latex import latex
    from kancli.symbolic.text.parser import ParseError, parse

    front = metadata.get("front") or ()
    if not front:
        raise UsageError(f"#{number}: this version has no front", "leave # and the number out")
    if not 1 <= number <= len(front):
        raise UsageError(
            f"#{number}: the front has {len(front)} formula{'s' * (len(front) != 1)}, numbered from 1",
            "kan show lists them",
        )
    entry = front[number - 1]
    if entry["chosen"]:
        return {**metadata, "member": number}
    if metadata.get("groups"):
        raise UsageError(
            f"#{number}: the constants per group are stored for the chosen formula only",
            "leave # and the number out",
        )
    inputs = tuple(metadata["inputs"])
    try:
        expression = parse(str(entry["formula"]), safe_names(inputs))
    except ParseError as problem:
        raise CheckpointError(f"#{number}: the formula cannot be read: {problem}") from problem
    kept = {key: value for key, value in metadata.items() if key not in _OF_THE_CHOSEN}
    return {
        **kept,
        "member": number,
        "formula": entry["formula"],
        "latex": latex(expression, inputs),
        **{key: entry.get(key) for key in ("r2", "r2_validation", "rmse", "complexity")},
        "edges": entry.get("edges") or [],
        "constants": [
            {"value": each.value, "standard_error": None, "snapped": None} for each in constants(expression)
        ],
        "remarks": list(entry.get("faults") or ()),
        "splines_left": 0,
    }
