"""The way back: a candidate for a rewritten table as one for the table itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from kancli.checkpoint import Checkpoint
from kancli.errors import FitError
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.inputs.rewritten import Rewritten
from kancli.search.proposer import Refused
from kancli.stages.reading.formulas import Runner, columns_of
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Expression
from kancli.symbolic.formula import Formula, finish, tidied, write

Constants = Literal["kept", "fitted", "finished"]
"""What happens to the constants of a formula that is written back: nothing; they are fitted to the rows of the table;
or the formula is simplified and its constants made exact once more."""


def bring_back(
    candidate: Candidate,
    rewritten: Rewritten,
    *,
    constants: Constants,
    snapping: bool,
    seconds: float,
    stage: str,
    options: Mapping[str, Any],
    remark: str,
    more: Mapping[str, Any] | None = None,
) -> Candidate | Refused:
    """The candidate with its formula, and its runners-up, in the columns of the table itself.

    The version is one of `stage`, without a network, made with `options`; `more` goes into its metadata. `snapping`
    and `seconds` are for formulas that are finished. Refused where the formula has no value on some row.
    """
    table = rewritten.table
    how = columns_of(table)

    def written(formula: Formula, what: Constants) -> Formula:
        whole: Expression = rewritten.back(formula.expression)
        if what == "finished":
            return finish(whole, table.x, table.y, snapping=snapping, seconds=seconds, **how)
        if what == "fitted":
            nearest = refit(whole, table.x, table.y, table.weight).expression
            whole = tidied(nearest, table.x, table.y, table.weight)
        found = write(whole, table.x, table.y, unsnapped=formula.unsnapped, **how)
        if found.rmse is None:
            raise FitError("it has no value on some row")
        return found

    try:
        formula = written(candidate.formula, constants)
    except FitError as problem:
        return Refused(f"{candidate.formula.text}: {problem.message}")
    others = []
    for other in candidate.others:
        try:
            others.append(Runner(written(other.formula, "kept"), other.edges))
        except FitError:  # it has no value on some row: no runner-up here
            continue
    # A version without a network at the end of the history is replaced by this one.
    inner = candidate.base.metadata
    last = () if candidate.made_from is not None else (candidate.version(rewritten.dataset),)
    network = {"metrics": inner["metrics"]} if "metrics" in inner and constants == "kept" else {}
    base: Checkpoint = without_network(stage, table, int(inner["seed"]), options, {**network, **(more or {})})
    return replace(
        candidate,
        formula=formula,
        quality=quality_of(formula, table),
        base=base,
        history=(*candidate.history, *last),
        others=tuple(others),
        remarks=(*candidate.remarks, remark),
        made_from=candidate.made_from or rewritten.dataset,
    )
