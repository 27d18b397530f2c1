"""Symbolify: replace every spline by an elementary function, and measure the quality of the formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.recipe import SymbolifyOptions
from kancli.stages.judging.errors import check_asked_for, only_asked_for, under_models
from kancli.stages.judging.tested import tested
from kancli.stages.judging.uncertainty import sure
from kancli.stages.judging.verdict import EXACT, Judged, Verdict, verdict_on
from kancli.stages.magnitude import check_magnitude
from kancli.stages.progress import Report
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import facts_of_formula, front_of
from kancli.stages.reading.read import Reading, read_formula
from kancli.symbolic.formula import Formula
from kancli.symbolic.reading.assignment import never


def symbolify(
    checkpoint: Checkpoint,
    dataset: Dataset,
    options: SymbolifyOptions,
    *,
    seed: int,
    jobs: int,
    report: Report,
    expired: Callable[[], bool] = never,
) -> Checkpoint:
    """The network of the checkpoint with a formula, its edges' functions and the runners-up in the metadata.

    `expired`: whether to come to an end with what has been found.

    Raises UsageError for an edge that is not there, a function that is not known or errors that the target cannot
    have, DataError for a target whose squares are no numbers, FitError when no formula could be evaluated on the
    data.
    """
    del seed, jobs
    check_magnitude(dataset)
    check_asked_for(dataset, options)
    reading = read_formula(checkpoint, dataset, options, report=report, expired=expired)
    facts = dict(reading.partial)
    if reading.formula is not None:
        others = [other.formula for other in reading.others]
        formula, rivals = under_errors(reading.formula, others, dataset, options)
        facts = {
            **facts_of_formula(formula, dataset),
            "front": front_of(formula, reading.others),
            "verdict": verdict_of(formula, rivals, reading, dataset).metadata(),
        }
        about = {**reading.base.metadata, **facts, "splines_left": reading.splines_left}
        facts |= {"test": tested(about, dataset), **sure(about, dataset)}
    return replace(
        reading.base,
        metadata={
            **reading.base.metadata,
            **facts,
            "target": dataset.target,
            "edges": [dict(edge) for edge in reading.edges],
            "splines_left": reading.splines_left,
            "remarks": list(reading.remarks),
        },
    )


def under_errors(
    formula: Formula, others: Sequence[Formula], dataset: Dataset, options: SymbolifyOptions
) -> tuple[Formula, list[Formula]]:
    """The formula under the model of the errors that describes it best, or that is asked for; and its rivals, each
    under additive errors and under its own.

    None of another form is taken in its place: its edges are those of the reading.
    """
    exact = formula.rmse is None or formula.rmse <= EXACT * float(dataset.y.std())
    if exact and not only_asked_for(options):
        return formula, list(others)
    found = under_models([formula], dataset, options)
    shortest = min((after for _, after in found), key=lambda one: final_bits(one, dataset), default=formula)
    shorter = final_bits(shortest, dataset) < final_bits(formula, dataset)
    rivals = [*others, *(after for _, after in under_models(others, dataset, options))]
    return (shortest if shorter or only_asked_for(options) else formula), rivals


def verdict_of(formula: Formula, rivals: Sequence[Formula], reading: Reading, dataset: Dataset) -> Verdict:
    """The verdict on a formula among its rivals, and beside its network."""
    r2 = (reading.base.metadata.get("metrics") or {}).get("r2_validation")
    chosen, *others = (Judged(one, final_bits(one, dataset)) for one in (formula, *rivals))
    return verdict_on(chosen, others, dataset, None if r2 is None else 1 - r2)
