"""Symbolify: replace every spline by an elementary function, and measure the quality of the formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, Scaling
from kancli.engine.architecture import Edge
from kancli.engine.fitting import held_out_error
from kancli.engine.grid import refine_grids
from kancli.engine.levenberg_marquardt import Problem
from kancli.engine.network import Network
from kancli.engine.pruning import refit as refit_network
from kancli.errors import FitError, UsageError
from kancli.recipe import SymbolifyOptions
from kancli.stages.common import Split, check_columns, metrics, network_of, scaling_of, split, successor
from kancli.stages.formulas import Found, falls_short, formula_of, front_of, partial_formula
from kancli.stages.progress import Progress, Report
from kancli.stages.prune import sample
from kancli.symbolic.expression import Constant, Variable, multiply
from kancli.symbolic.graph.clean import clean, line
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import Graph, forward, graph_of, linearise
from kancli.symbolic.graph.to_expression import activation_expression
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import Function, library, named_function
from kancli.symbolic.reading.assignment import (
    Data,
    EdgeChoice,
    Scored,
    Search,
    candidates_of,
    description_bits,
    never,
)
from kancli.symbolic.reading.read import read
from kancli.symbolic.reading.second_look import with_its_splines
from kancli.symbolic.text.printer import render

# Assignments whose constants are snapped before one is chosen, and how many bits they may be behind the best.
FINALISTS, MARGIN = 4, 15.0
# Nodes of a formula that a constant without an exact value counts for.
NODES_EACH = 2
# Rows used while searching for functions; the constants of the result are fitted on all.
SEARCH_ROWS = 2000
# The same for a first look; and how many times the splines' error its formula may have to be worth a front.
FEW_SEARCH_ROWS = 400
NEAR = 10.0
# A network on a coarser grid than this is refined before it is read: too little of its functions shows.
COARSEST = 10
REFIT_STEPS = 12
# Half the grid errs, in the mean square, some 200 times as much on smooth curves, and 8 times at a root.
COARSER = 8.0
TINY = 1e-300
# No floor is above this: an edge dominated by noise still carries some information about its function.
HALF = 0.5


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

    Raises UsageError for an edge that is not there or a function that is not known, FitError when no
    formula could be evaluated on the data.
    """
    check_columns(checkpoint, dataset)
    scale = scaling_of(checkpoint.metadata)
    data = split(dataset, scale)
    network = network_of(checkpoint)
    functions = library(options.lib, options.exclude, options.functions)
    fixed = fixed_functions(options, network)
    kept = frozenset(named_edge(text, network) for text in options.keep_spline)
    fine, floors = known_to(network, data)
    rows = arrays(sample(data.everything, SEARCH_ROWS if options.thorough else FEW_SEARCH_ROWS))
    grid = fine.layers[0].grid
    report(Progress("symbolify", 0, None, None, None, "merging nodes"))
    graph = clean(graph_of(fine), rows.x, floors, grid, kept | frozenset(fixed))
    search = Search(functions, options.compositions, options.top, floors, fixed, options.thorough, expired)
    found = find(graph, rows, search, kept, options, grid, report)
    report(Progress("symbolify", 1, None, None, None, "snapping constants"))
    if not expired():
        found = settled(found, dataset, scale, rows, options, grid)
    edges = edge_table(found, rows, scale)
    numbers = metrics(network, data, scale)
    facts = facts_of(found, dataset, scale, rows, options, grid, numbers)
    remarks = remarks_on(found, facts, numbers, edges)
    report(Progress("symbolify", 1, None, None, facts["r2"], facts["formula"], final=True))
    return successor(
        checkpoint,
        "symbolify",
        network,
        options.model_dump(mode="json"),
        numbers,
        {
            **facts,
            "target": dataset.target,
            "edges": edges,
            "splines_left": len(found.left),
            "remarks": remarks,
        },
    )


def arrays(problem: Problem) -> Data:
    """The same numbers for numpy."""
    weight = None if problem.weight is None else problem.weight.numpy()
    return Data(problem.x.numpy(), problem.y.numpy(), weight)


def named_edge(text: str, network: Network) -> Edge:
    """`layer,from,to` as an edge of the network. Raises UsageError when it is not there."""
    edge = Edge(*map(int, text.split(",")))
    there = network.architecture.all_edges()
    if edge not in there:
        names = " ".join(",".join(map(str, e)) for e in there)
        raise UsageError(f"edge {text} is not in the network", f"its edges are {names}")
    return edge


def fixed_functions(options: SymbolifyOptions, network: Network) -> dict[Edge, Function]:
    """The functions chosen by hand. Raises UsageError for unknown edges and functions."""
    return {
        named_edge(text, network): named_function(name, options.functions)
        for text, name in options.fix.items()
    }


def known_to(network: Network, data: Split) -> tuple[Network, dict[Edge, float]]:
    """The network on a fine enough grid, and the 1 − r² to which the data determine each of its edges.

    Two things blur a spline: its own error, seen in what differs, beyond a straight line, between the fits
    on this grid and on half of it; and noise, of which K coefficients fitted to n rows keep K/n.
    """
    grid = min(layer.grid for layer in network.layers)
    if grid < COARSEST:
        network = refit_network(refine_grids(network, COARSEST), data.train, REFIT_STEPS)
        grid = COARSEST
    coarse = refit_network(refine_grids(network, max(2, grid // 2)), data.train, REFIT_STEPS)
    x = data.train.x.numpy()
    row_weight = None if data.train.weight is None else data.train.weight.numpy()
    graph = graph_of(network)
    fine_values, coarse_values = forward(graph, x)[1], forward(graph_of(coarse), x)[1]
    _, sensitivity, _ = linearise(graph, x)
    noise = float(held_out_error(network, data.judged)[0]) ** 2
    floors = {}
    for i, edge in enumerate(graph.edges):
        weight = sensitivity[i] ** 2 if row_weight is None else sensitivity[i] ** 2 * row_weight
        own_error = line(coarse_values[i], fine_values[i], weight)[2] / COARSER
        deviation = fine_values[i] - np.average(fine_values[i], weights=weight + TINY)
        effect = float(np.mean(weight * deviation**2))
        kept = noise * len(edge.curve.parameters()) / x.shape[1]
        floors[edge.origin[0]] = max(own_error, min(kept / max(effect, TINY), HALF))
    return network, floors


def find(
    graph: Graph,
    rows: Data,
    search: Search,
    kept: frozenset[Edge],
    options: SymbolifyOptions,
    grid: int,
    report: Report,
) -> Found:
    """Read the whole graph, or, where edges are to stay splines, all the others."""
    stay = frozenset(i for i, e in enumerate(graph.edges) if not kept.isdisjoint(e.origin))
    if not stay:
        reading = read(
            graph,
            rows,
            search,
            grid=grid,
            tell=lambda text: report(Progress("symbolify", 0, None, None, None, text)),
        )
        if reading.best is None:
            raise FitError(
                "no formula could be evaluated on the data", "try another --lib, or kan refine first"
            )
        poor = poor_edges(reading.graph, reading.choices, options.min_r2)
        if not poor:
            return Found(
                reading.graph, reading.choices, reading.best, reading.tried, reading.explains, frozenset()
            )
        graph, stay = reading.graph, poor
    fitted = fit_graph(graph, rows.x, rows.y, rows.weight, steps=REFIT_STEPS).graph
    choices = candidates_of(fitted, rows, search, only=[i for i in fitted.splines() if i not in stay])
    good = {i: c for i, c in choices.items() if not is_poor(c, options.min_r2)}
    stay = stay | frozenset(choices) - frozenset(good)
    fitted = fitted.with_curves({i: c.candidates[0].activation for i, c in good.items()})
    fitted = fit_graph(fitted, rows.x, rows.y, rows.weight, steps=4 * REFIT_STEPS).graph
    return Found(fitted, choices, None, (), False, stay)


def is_poor(choice: EdgeChoice, min_r2: float | None) -> bool:
    return min_r2 is not None and 1 - choice.candidates[0].residual < min_r2


def poor_edges(graph: Graph, choices: Mapping[int, EdgeChoice], min_r2: float | None) -> frozenset[int]:
    """Edges that no candidate fits as well as the user requires."""
    return frozenset(i for i, c in choices.items() if is_poor(c, min_r2) and not graph.edges[i].symbolic)


def settled(
    found: Found, dataset: Dataset, scale: Scaling, rows: Data, options: SymbolifyOptions, grid: int
) -> Found:
    """With noise, the one of the best few assignments whose formula is shortest once its constants are exact.

    1/(x - 1) and 1/x² + 0.03 can fit equally well with two constants each; only one of them has exact values.
    """
    if found.best is None or found.best.exact or not options.snap:
        return found
    finalists = {names_of(found.best): found.best}
    for scored in sorted(found.tried, key=lambda s: s.bits):
        if scored.bits <= found.best.bits + MARGIN and len(finalists) < FINALISTS:
            finalists.setdefault(names_of(scored), scored)
    if len(finalists) < 2:
        return found
    lengths, sizes = {}, {}
    for name, scored in finalists.items():
        try:
            facts = formula_of(scored.expression, dataset, scale, options)
        except (FitError, AssertionError):  # not finite on rows that the search did not see
            continue
        free = sum(1 for c in facts["constants"] if c["snapped"] is None)
        lengths[name], sizes[name] = final_bits(facts, dataset), facts["complexity"] + NODES_EACH * free
    first = names_of(found.best)
    # Where the fit is poor for other reasons, a longer formula can always make up for a little of it.
    shorter = [n for n in lengths if sizes[n] <= sizes.get(first, math.inf)]
    name = min(shorter, key=lambda n: lengths[n], default=first)
    return found if name == first else instead(found, finalists[name], rows, grid)


def names_of(scored: Scored) -> tuple[object, ...]:
    """What distinguishes two assignments: the graph and the functions on its edges, not their constants."""
    return tuple(
        (e.source, e.target, e.curve.name if isinstance(e.curve, Activation) else "")
        for e in scored.graph.edges
    )


def final_bits(facts: Mapping[str, Any], dataset: Dataset) -> float:
    """Description length of a finished formula; exact constants cost what they take to write."""
    if facts["rmse"] is None:
        return math.inf
    free = sum(1 for c in facts["constants"] if c["snapped"] is None)
    relative = facts["rmse"] / (float(dataset.y.std()) or 1.0)
    return description_bits(relative, len(dataset.y), free, facts["complexity"])


def facts_of(
    found: Found,
    dataset: Dataset,
    scale: Scaling,
    rows: Data,
    options: SymbolifyOptions,
    grid: int,
    numbers: Mapping[str, float | None],
) -> dict[str, Any]:
    """Formula, r², front and constants, in the form for output and checkpoint; `numbers` are the network's."""
    if found.best is None:
        return partial_formula(found.graph, dataset, scale)
    facts = formula_of(found.best.expression, dataset, scale, options)

    def edges(scored: Scored) -> list[dict[str, Any]]:
        return edge_table(instead(found, scored, rows, grid), rows, scale)

    # A first look that comes nowhere near the splines has no runners-up worth writing down.
    near = facts["rmse"] is not None and facts["rmse"] <= NEAR * (numbers["rmse"] or 0.0)
    tried = found.tried if options.thorough or near or found.best.exact else ()
    return {**facts, "front": front_of(tried, facts, dataset, scale, edges)}


def instead(found: Found, scored: Scored, rows: Data, grid: int) -> Found:
    """What would have been found had `scored` been chosen: on the same splines where its edges are the same."""

    def shape(graph: Graph) -> tuple[object, ...]:
        return graph.products, tuple((e.source, e.target, e.origin) for e in graph.edges)

    if shape(scored.graph) == shape(found.graph):
        return replace(found, best=scored)
    scored, splines = with_its_splines(scored, rows, grid)
    return replace(found, graph=splines, best=scored, choices={})


def edge_table(found: Found, rows: Data, scale: Scaling) -> list[dict[str, Any]]:
    """One entry per edge: what it became, how well that fits the spline, and the runner-up.

    a, b are of the innermost function in the units of what enters the edge (the input's own for the first
    layer), c, d of the whole, which `expression` gives as text in u.
    """
    chosen = found.graph if found.best is None else found.best.graph
    nodes, values = forward(found.graph, rows.x)
    _, sensitivity, _ = linearise(found.graph, rows.x)
    table = []
    for i, edge in enumerate(chosen.edges):
        first, last = edge.origin[0], edge.origin[-1]
        entry: dict[str, Any] = {"layer": first.layer, "source": first.source, "target": last.target}
        if len(edge.origin) > 1:
            entry["merged"] = [list(e) for e in edge.origin]
        candidates = found.choices[i].candidates if i in found.choices else ()
        curve = edge.curve
        if isinstance(curve, Activation):
            unit = scale.input_scale[edge.source] if edge.source < chosen.inputs else 1.0
            fitted = curve.evaluate(nodes[edge.source])
            r2 = 1 - line(fitted, values[i], sensitivity[i] ** 2)[2]
            step = curve.terms[0].steps[0] if curve.terms else None
            entry |= {
                "function": curve.name,
                "r2": r2 if step else 0.0,
                "a": step.a / unit if step else None,
                "b": step.b if step else None,
                "c": curve.terms[0].c if step else None,
                "d": curve.d,
                "complexity": curve.complexity,
                "expression": described_in(curve, unit),
            }
        else:
            entry |= {"function": "spline", "r2": 1.0, **dict.fromkeys("abcd"), "complexity": None}
            entry["expression"] = None
        others = [c for c in candidates if c.activation.name != curve.name]
        entry["next"] = (
            {"function": others[0].activation.name, "r2": 1 - others[0].residual} if others else None
        )
        table.append(entry)
    return table


def described_in(activation: Activation, unit: float) -> str:
    """An activation of the scaled input as text in u, the input in its own unit."""
    argument = Variable(0) if unit == 1.0 else multiply(Constant(1 / unit), Variable(0))
    return render(activation_expression(activation, argument), ["u"])


def remarks_on(
    found: Found,
    facts: Mapping[str, Any],
    numbers: Mapping[str, float | None],
    edges: list[dict[str, Any]],
) -> list[str]:
    """What a careful reader should know before trusting the formula."""
    remarks = [
        f"edge {e['layer']},{e['source']},{e['target']} stays a spline"
        for e in edges
        if e["function"] == "spline"
    ]
    if found.best is None or found.explains:
        return remarks
    return [*remarks, *falls_short(facts["r2"], numbers["r2"])]
