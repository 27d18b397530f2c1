"""The formula of a symbolify stage in the user's units, with all facts about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, Scaling
from kancli.errors import UnprintableFormula
from kancli.recipe import SymbolifyOptions
from kancli.symbolic.description import left_over
from kancli.symbolic.errors.loss import robust_scale
from kancli.symbolic.expression import (
    Constant,
    Expression,
    Variable,
    add,
    complexity,
    constants,
    multiply,
    substitute,
)
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import Formula, finish, r_squared, tidied, write
from kancli.symbolic.graph.curve import Array
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.graph.partial import partial_expression
from kancli.symbolic.reading.assignment import EdgeChoice, Scored
from kancli.symbolic.rewrite.canonical import canonical
from kancli.symbolic.text.printer import render

# Formulas of the front that are shown at most.
FRONT = 12
SHOWN = ("formula", "complexity", "r2", "r2_validation", "rmse")
# A formula with more free constants than this is a fit, not a law: none of them has an exact value.
MOST_SNAPPED = 24


@dataclass(frozen=True)
class Found:
    """What the search ended with: `best` is None when splines are left (the positions `left`) in `graph`."""

    graph: Graph
    choices: Mapping[int, EdgeChoice]
    best: Scored | None
    tried: tuple[Scored, ...]
    explains: bool
    left: frozenset[int]


def in_raw_units(expression: Expression, scale: Scaling) -> Expression:
    """A formula over scaled inputs and target as one over the data's own."""
    inputs: dict[Expression, Expression] = {
        Variable(i): multiply(Constant(1 / s), Variable(i)) for i, s in enumerate(scale.input_scale)
    }
    inner = substitute(expression, inputs)
    return add(multiply(Constant(scale.target_scale), inner), Constant(scale.target_shift))


@dataclass(frozen=True)
class Runner:
    """A formula that was tried on the way and that no shorter one equals; `edges` are what its edges were, one entry
    per edge, None where that is not known."""

    formula: Formula
    edges: tuple[Mapping[str, Any], ...] | None = None


def columns_of(table: Dataset) -> dict[str, Any]:
    """The table's part of the arguments of `finish` and `write`."""
    return {
        "inputs": table.inputs,
        "target": table.target,
        "validation": table.validation,
        "weight": table.weight,
    }


def formula_of(
    expression: Expression, dataset: Dataset, scale: Scaling, options: SymbolifyOptions
) -> Formula:
    """The chosen formula: constants re-fitted and snapped on the data themselves, simplified, checked."""
    return finish(
        in_raw_units(expression, scale),
        dataset.x,
        dataset.y,
        **columns_of(dataset),
        snapping=options.snap and len(constants(expression)) <= MOST_SNAPPED,
        seconds=options.simplify_seconds,
    )


def facts_of_formula(formula: Formula, dataset: Dataset) -> dict[str, Any]:
    """What metadata hold of a formula: `reduced_chi2` is χ² per degree of freedom where errors are known, else None.

    Near 1 the residuals agree with the errors; far above 1 the formula leaves something unexplained.
    """
    chi2 = None
    if dataset.noise is not None and formula.rmse is not None:
        rows = len(dataset.y)
        chi2 = (formula.rmse / dataset.noise) ** 2 * rows / max(rows - formula.free, 1)
    return {**formula.metadata(), "reduced_chi2": chi2, **facts_of_errors(formula, dataset)}


def facts_of_errors(formula: Formula, dataset: Dataset) -> dict[str, Any]:
    """The model of the errors with their size, and the rows that are outliers; `residual` in units of the
    errors. `crossing`: of mixed errors, where both parts are equal, in units of the target's root mean square."""
    errors = formula.errors
    if errors is None:
        if formula.rmse is None:
            return {"errors": None, "outliers": []}
        rows = len(dataset.y)
        scale = formula.rmse * math.sqrt(rows / left_over(rows, formula.free))
        model = "additive" if dataset.weight is None else "given"
        return {"errors": {"model": model, "loss": "squares", "scale": scale}, "outliers": []}
    size = robust_scale(errors.white) or 1.0
    return {
        "errors": {
            "model": errors.model,
            "loss": errors.loss,
            "scale": errors.scale,
            **({"crossing": errors.crossing} if errors.model == "mixed" else {}),
        },
        "outliers": [
            {**place_of(row, dataset), "residual": round(float(errors.white[row]) / size, 3)}
            for row in errors.outliers
        ],
    }


def place_of(row: int, dataset: Dataset) -> dict[str, int]:
    """The number of a row in its file and its line there, both from 1: one header line and all rows used, where
    nothing else is known."""
    if dataset.places is None or len(dataset.places) != len(dataset.y):
        return {"row": row + 1, "line": row + 2}
    number, line = dataset.places[row].tolist()
    return {"row": number, "line": line}


def runners_up(
    tried: Sequence[Scored],
    chosen: Formula,
    dataset: Dataset,
    scale: Scaling,
    edges: Callable[[Scored], list[dict[str, Any]]],
) -> tuple[Runner, ...]:
    """The formulas beside the chosen one that none is both shorter and more accurate than, shortest first.

    Only the chosen one is simplified and has exact constants; each of the others has its own `edges`, so that it
    can be taken in its place.
    """
    found: dict[str, Runner] = {}
    for scored in pareto(tried)[:FRONT]:
        expression = canonical(in_raw_units(scored.expression, scale), dataset.x)
        tidy = tidied(expression, dataset.x, dataset.y, dataset.weight)
        try:
            formula = write(tidy, dataset.x, dataset.y, **columns_of(dataset))
        except UnprintableFormula:  # without a value on rows that the search did not see
            continue
        if formula.text != chosen.text and formula.text not in found:
            found[formula.text] = Runner(formula, tuple(edges(scored)))
    rivals = [chosen, *(one.formula for one in found.values())]
    kept = [one for one in found.values() if not any(beats(rival, one.formula) for rival in rivals)]
    return tuple(sorted(kept, key=lambda one: (one.formula.complexity, error_of(one.formula))))


def beats(one: Formula, other: Formula) -> bool:
    """Whether a formula is at least as short and as accurate as another one."""
    return one is not other and one.complexity <= other.complexity and error_of(one) <= error_of(other)


def front_of(chosen: Formula, others: Sequence[Runner]) -> list[dict[str, Any]]:
    """The front for metadata, sorted by complexity, the chosen formula marked."""
    entries = [{**shown(chosen), "chosen": True}]
    for one in others:
        if one.formula.rmse is not None:
            edges = {} if one.edges is None else {"edges": [dict(edge) for edge in one.edges]}
            entries.append({**shown(one.formula), "chosen": False, **edges})
    return sorted(entries, key=lambda e: (e["complexity"], math.inf if e["rmse"] is None else e["rmse"]))


def shown(formula: Formula) -> dict[str, Any]:
    """What the front shows of a formula."""
    facts = formula.metadata()
    return {key: facts[key] for key in SHOWN}


def error_of(formula: Formula) -> float:
    """Root mean square error, infinite where the formula has no value on some row."""
    return math.inf if formula.rmse is None else formula.rmse


def pareto(tried: Sequence[Scored]) -> list[Scored]:
    """The scored formulas that fit better than every simpler one, simplest first."""
    best: list[Scored] = []
    for scored in sorted(tried, key=lambda s: (complexity(s.expression), s.rmse)):
        if not best or scored.rmse < 0.99 * best[-1].rmse:
            best.append(scored)
    return best


def partial_formula(graph: Graph, dataset: Dataset, scale: Scaling) -> dict[str, Any]:
    """A formula in which some edges are splines: written with spline_LAYER_FROM_TO(…), its r² its own."""
    names = safe_names(dataset.inputs)

    def written(expression: Expression, more: dict[int, str]) -> str:
        last = max(more, default=graph.inputs - 1)
        return render(expression, [*names, *(more.get(i, "") for i in range(graph.inputs, last + 1))])

    expression, more = partial_expression(
        graph, scale.input_scale, scale.target_shift, scale.target_scale, written
    )
    values = predict(graph, np.ascontiguousarray((dataset.x / np.array(scale.input_scale)).T))
    values = values * scale.target_scale + scale.target_shift
    held, weight = dataset.validation, dataset.weight
    return {
        "formula": written(expression, more),
        "symbols": {n: c for n, c in zip(names, dataset.inputs, strict=True) if n != c},
        "latex": None,
        "r2": r_squared(values[~held], dataset.y[~held], _rows(weight, ~held)),
        "r2_validation": r_squared(values[held], dataset.y[held], _rows(weight, held))
        if held.any()
        else None,
        "rmse": float(np.sqrt(np.average((values - dataset.y) ** 2, weights=weight))),
        "complexity": complexity(expression),
        "constants": [],
        "front": [],
    }


def _rows(weight: Array | None, chosen: NDArray[np.bool_]) -> Array | None:
    return None if weight is None else weight[chosen]
