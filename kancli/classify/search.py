"""The search for formulas of log-odds."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.classify.likelihood import fitted, smoothed, spline_model, together, working
from kancli.classify.measures import bits, measures, probabilities
from kancli.classify.verdict import verdict_of
from kancli.dataset import Dataset
from kancli.dataset.labels import Labelled
from kancli.dataset.value import fingerprint
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search import Budget, Ledger, Task, find_formula
from kancli.search.candidate import without_network
from kancli.stages.judging.verdict import Judged, Verdict
from kancli.stages.progress import Progress, Report
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.constants.length import exact_bits, nodes_of
from kancli.symbolic.description import written_bits
from kancli.symbolic.expression import Constant, Expression, evaluate
from kancli.symbolic.formula import Formula, write

Array = NDArray[np.float64]

# Searches one after another: the second at the log-odds that the first has found. Shares of the time.
ROUNDS = (0.5, 0.35)
# Candidates that are fitted by the likelihood.
MOST = 24


@dataclass(frozen=True)
class Choice:
    """The formula of one class against the first, its description length, and the table of its working response."""

    formula: Formula
    bits: float
    table: Dataset
    verdict: Verdict


@dataclass(frozen=True)
class Found:
    """The formulas by class beyond the first, the version that holds them, and the table that it was made from."""

    version: Checkpoint
    table: Dataset


def classified(
    labelled: Labelled, options: FitOptions, seed: int, jobs: int, report: Report, began: float
) -> Found:
    """Search until `options.time_limit` seconds after `began`. Raises FitError where there is no formula."""
    classes, table, codes = labelled.classes, labelled.table, labelled.codes
    choices = []
    for k in range(1, len(classes)):
        rows = (codes == 0) | (codes == k)
        left = began + options.time_limit - time.monotonic()
        seconds = max(left / (len(classes) - k), 1.0)
        report(Progress("classify", k, None, None, None, f"{classes[k]} against {classes[0]}"))
        choices.append(against_first(table, rows, codes == k, options, seed, jobs, report, seconds))
    formulas = [choice.formula for choice in choices]
    if len(classes) > 2:
        expressions = together([formula.expression for formula in formulas], table.x, codes)
        for k, expression in enumerate(expressions, start=1):
            rows = (codes == 0) | (codes == k)
            formulas[k - 1] = written_at(expression, table.x[rows], codes[rows] == k, table, rows)[0]
    eta = np.column_stack([np.broadcast_to(evaluate(f.expression, table.x), len(codes)) for f in formulas])
    p = probabilities(eta)
    verdicts = [choice.verdict for choice in choices]
    held = table.validation
    facts = {
        "classes": list(classes),
        **measures(p, codes),
        "held_out": measures(p[held], codes[held]) if held.any() else None,
        "formulas": [
            {"class": label, **formula.metadata()}
            for label, formula in zip(classes[1:], formulas, strict=True)
        ],
    }
    return Found(
        version_of(facts, formulas[0], least_sure(verdicts), choices[0].table, options, seed),
        choices[0].table,
    )


def least_sure(verdicts: list[Verdict]) -> Verdict:
    """The verdict of the formula that is least sure."""
    return min(verdicts, key=lambda verdict: verdict.confidence)


def against_first(
    table: Dataset,
    rows: NDArray[np.bool_],
    positive: NDArray[np.bool_],
    options: FitOptions,
    seed: int,
    jobs: int,
    report: Report,
    seconds: float,
) -> Choice:
    """The formula of one class against the first one, in these rows of the table."""
    x, happened = table.x[rows], positive[rows]
    eta, best, end = spline_model(x, happened, seed), list[Judged](), time.monotonic() + seconds
    for share in ROUNDS:
        response = response_table(table, rows, eta, happened)
        task_seconds = max(min(share * seconds, end - time.monotonic()), 1.0)
        ledger = Ledger()
        budget = Budget.of_seconds(time.monotonic(), task_seconds)
        searched = options.model_copy(update={"errors": "additive", "loss": "squares"})
        with suppress(FitError):
            find_formula(Task(response, searched, seed, jobs, budget, report), ledger)
        best = merged([*best, *judged(ledger, x, happened, table, rows)])
        eta = np.broadcast_to(evaluate(best[0].formula.expression, x), len(x))
    last = response_table(table, rows, eta, happened)
    return Choice(best[0].formula, best[0].bits, last, verdict_of(best[0], best[1:], last, happened, seed))


def judged(
    ledger: Ledger, x: Array, happened: NDArray[np.bool_], table: Dataset, rows: NDArray[np.bool_]
) -> list[Judged]:
    """The candidates of a search and their runners-up, and no dependence at all, by likelihood."""
    share = float(smoothed(happened).mean())
    expressions: list[Expression] = [Constant(math.log(share / (1 - share)))]
    for candidate in sorted(ledger.candidates, key=lambda c: c.bits):
        expressions += [
            candidate.formula.expression,
            *(other.formula.expression for other in candidate.others),
        ]
    several = [fitted(e, x, happened) for e in dict.fromkeys(expressions[: MOST + 1])]
    found = []
    for expression in several:
        if expression is None:
            continue
        try:
            formula, eta = written_at(expression, x, happened, table, rows)
        except FitError:
            continue
        data = bits(probabilities(eta[:, None]), happened.astype(np.intp))
        length = written_bits(
            formula.constant_bits, exact_bits(formula.expression), nodes_of(formula.expression)
        )
        found.append(Judged(formula, data + length))
    return found


def merged(several: list[Judged]) -> list[Judged]:
    """The shortest first, each text once."""
    unique: dict[str, Judged] = {}
    for one in sorted(several, key=lambda j: j.bits):
        unique.setdefault(one.formula.text, one)
    return list(unique.values())


def written_at(
    expression: Expression, x: Array, happened: NDArray[np.bool_], table: Dataset, rows: NDArray[np.bool_]
) -> tuple[Formula, Array]:
    """A formula as it is printed, its constants with the standard errors of the likelihood, and its log-odds."""
    eta = np.broadcast_to(evaluate(expression, x), len(x))
    response = response_table(table, rows, eta, happened)
    formula = write(expression, response.x, response.y, **columns_of(response))
    return formula, np.broadcast_to(evaluate(formula.expression, response.x), len(response.y))


def response_table(
    table: Dataset, rows: NDArray[np.bool_], eta: Array, happened: NDArray[np.bool_]
) -> Dataset:
    """The table of the working response at log-odds eta (n,) in these rows."""
    now = working(eta, smoothed(happened))
    mean = float(now.weight.mean())
    weight = now.weight / mean
    x = np.ascontiguousarray(table.x[rows])
    return replace(
        table,
        x=x,
        y=now.response,
        validation=table.validation[rows],
        weight=weight,
        noise=1 / math.sqrt(mean),
        fingerprint=fingerprint(table.inputs, table.target, x, now.response, weight),
    )


def version_of(
    facts: Mapping[str, Any],
    formula: Formula,
    verdict: Verdict,
    table: Dataset,
    options: FitOptions,
    seed: int,
) -> Checkpoint:
    """The version that holds the formulas; its own formula is that of the second class."""
    base = without_network("classify", table, seed, {"task": "classify"})
    metadata = {
        **base.metadata,
        **formula.metadata(),
        "edges": [],
        "splines_left": 0,
        "front": [],
        "remarks": [],
        "verdict": verdict.metadata(),
        "classification": dict(facts),
    }
    # r² of a working response says nothing to a reader.
    metadata.update(r2=None, r2_validation=None, rmse=None)
    return replace(base, metadata=metadata)
