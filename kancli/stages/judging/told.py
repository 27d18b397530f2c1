"""What the metadata of a version say about its formula, in lines for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kancli.stages.judging.verdict import told

MODELS = {
    "additive": "of one size, {:.3g}",
    "given": "as given",
    "relative": "relative, {:.3g} of the value",
    "log": "of the logarithm, {:.3g}",
    "counts": "in proportion to the root of the value, {:.3g}",
    "mixed": "mixed, {:.3g} of large values",
}
LOSSES = {"t": "long tails (Student's t)", "huber": "long tails (Huber)", "l1": "long tails (Laplace)"}
# Rivals and outliers that are named.
MOST_RIVALS, MOST_OUTLIERS = 2, 8


def lines(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(`verdict`, …), and where there is more to say than additive errors, (`errors`, …) and (`outliers`, …)."""
    found = []
    if metadata.get("verdict"):
        found.append(("verdict", verdict_line(metadata["verdict"])))
    errors = metadata.get("errors")
    if errors and (errors["model"] not in ("additive", "given") or errors.get("loss") in LOSSES):
        found.append(("errors", errors_line(errors)))
    if metadata.get("outliers"):
        found.append(("outliers", outliers_line(metadata["outliers"])))
    return found


def verdict_line(verdict: Mapping[str, Any]) -> str:
    """`law with noise, confidence 0.97: the inputs explain nothing of what it leaves; r² 0.998`."""
    kind = str(verdict["kind"]).replace("_", " ")
    rivals = verdict.get("rivals") or ()
    more = ""
    if verdict["kind"] in ("undecided", "approximation") and rivals:
        several = (f"{r['formula']} ({told(r['bits'])})" for r in rivals[:MOST_RIVALS])
        more = f"; rivals: {', '.join(several)}"
    return f"{kind}, confidence {verdict['confidence']:.2g}: {verdict['why']}{more}"


def errors_line(errors: Mapping[str, Any]) -> str:
    """`of the logarithm, 0.102; long tails (Student's t)`."""
    line = MODELS.get(errors["model"], "of an unknown kind, {:.3g}").format(errors["scale"])
    return f"{line}; {LOSSES[errors['loss']]}" if errors.get("loss") in LOSSES else line


def outliers_line(outliers: list[Mapping[str, Any]]) -> str:
    """`row 18 (71.2 σ), …`, the farthest first."""
    several = [f"row {o['row']} ({o['residual']:.3g} σ)" for o in outliers[:MOST_OUTLIERS]]
    more = len(outliers) - len(several)
    return ", ".join(several) + (f" and {more} more" if more else "")
