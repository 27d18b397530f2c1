"""What the metadata of a version say about its formula, in lines for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
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
    if metadata.get("test"):
        found.append(("test", test_line(metadata["test"])))
    if metadata.get("folds"):
        found.append(("folds", folds_line(metadata["folds"])))
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


def test_line(test: Mapping[str, Any]) -> str:
    """`r² 0.987, rmse 0.12 on 40 rows that no choice has seen`."""
    if test["rmse"] is None:
        return f"the formula has no value on some of {test['rows']} rows"
    r2 = "" if test["r2"] is None else f"r² {test['r2']:.6g}, "
    return f"{r2}rmse {test['rmse']:.4g} on {test['rows']} rows that no choice has seen"


def folds_line(folds: Sequence[Mapping[str, Any]]) -> str:
    """`the same form in 4 of 5; r² on the rows left out 0.97 to 0.99; c1 2.01 ± 0.02`."""
    same = [fold for fold in folds if fold["same_form"]]
    line = f"the same form in {len(same)} of {len(folds)}"
    known = [fold["r2_test"] for fold in folds if fold["r2_test"] is not None]
    if known:
        line += f"; r² on the rows left out {min(known):.4g} to {max(known):.4g}"
    several = [fold["constants"] for fold in same if fold["constants"]]
    if len(several) > 1:
        spreads = {name: [one[name] for one in several] for name in several[0]}
        line += "".join(f"; {name} {mean(v):.6g} ± {stdev(v):.2g}" for name, v in spreads.items())
    return line


def outliers_line(outliers: list[Mapping[str, Any]]) -> str:
    """`row 18 (71.2 σ), …`, the farthest first."""
    several = [f"row {o['row']} ({o['residual']:.3g} σ)" for o in outliers[:MOST_OUTLIERS]]
    more = len(outliers) - len(several)
    return ", ".join(several) + (f" and {more} more" if more else "")
