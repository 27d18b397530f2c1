"""The formula of a symbolify stage in the user's units, with all facts about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, Scaling
from kancli.recipe import SymbolifyOptions
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


def formula_of(
    expression: Expression, dataset: Dataset, scale: Scaling, options: SymbolifyOptions
) -> dict[str, Any]:
    """The chosen formula: constants re-fitted and snapped on the data themselves, simplified, checked."""
    formula = finish(
        in_raw_units(expression, scale),
        dataset.x,
        dataset.y,
        inputs=dataset.inputs,
        target=dataset.target,
        validation=dataset.validation,
        weight=dataset.weight,
        snapping=options.snap and len(constants(expression)) <= MOST_SNAPPED,
        seconds=options.simplify_seconds,
    )
    return facts_of_formula(formula, dataset)


def facts_of_formula(formula: Formula, dataset: Dataset) -> dict[str, Any]:
    """The metadata of a formula: `reduced_chi2` is χ² per degree of freedom if errors are known, else None.

    Near 1 the residuals agree with the errors; far above 1 the formula leaves something unexplained.
    """
    chi2 = None
    if dataset.noise is not None and formula.rmse is not None:
        free = sum(1 for c in formula.constants if c.snapped is None)
        rows = len(dataset.y)
        chi2 = (formula.rmse / dataset.noise) ** 2 * rows / max(rows - free, 1)
    return {**formula.metadata(), "reduced_chi2": chi2}


def front_of(
    tried: Sequence[Scored],
    chosen: Mapping[str, Any],
    dataset: Dataset,
    scale: Scaling,
    edges: Callable[[Scored], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Formulas none of which is both simpler and more accurate than another, the chosen one among them.

    Sorted by complexity. Only the chosen one is simplified and has exact constants; the others have their
    own `edges`, so that each can be taken in its place.
    """
    entries: list[dict[str, Any]] = [{**{k: chosen[k] for k in SHOWN}, "chosen": True}]
    seen = {chosen["formula"]}
    for scored in pareto(tried)[:FRONT]:
        try:
            formula = write(
                tidied(
                    canonical(in_raw_units(scored.expression, scale), dataset.x),
                    dataset.x,
                    dataset.y,
                    dataset.weight,
                ),
                dataset.x,
                dataset.y,
                inputs=dataset.inputs,
                target=dataset.target,
                validation=dataset.validation,
                weight=dataset.weight,
            ).metadata()
        except AssertionError:  # not finite on rows that the search did not see
            continue
        if formula["formula"] not in seen:
            seen.add(formula["formula"])
            entries.append({**{k: formula[k] for k in SHOWN}, "chosen": False, "edges": edges(scored)})
    kept = [
        e
        for e in entries
        if e["chosen"]
        or not any(
            o is not e and o["complexity"] <= e["complexity"] and _error(o) <= _error(e) for o in entries
        )
    ]
    return sorted(kept, key=lambda e: (e["complexity"], _error(e)))


def falls_short(r2: float | None, spline: float | None) -> list[str]:
    """The remark on a formula that explains much less than the splines it was read off, if it does."""
    if r2 is None or spline is None or 1 - r2 <= 2 * (1 - spline):
        return []
    return [
        f"no formula reaches the spline network: r² {r2:.6g} against {spline:.6g}; take it as an approximation"
    ]


def _error(entry: Mapping[str, Any]) -> float:
    return float(entry["rmse"]) if entry["rmse"] is not None else float("inf")


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
