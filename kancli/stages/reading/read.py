"""From a network of splines to a formula, as values: what the stage symbolify and the search have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, Scaling
from kancli.engine.architecture import Edge
from kancli.engine.network import Network
from kancli.engine.pruning import refit as refit_network
from kancli.engine.training.fitting import held_out_error
from kancli.engine.training.grid import refine_grids
from kancli.engine.training.levenberg_marquardt import Problem
from kancli.errors import FitError
from kancli.recipe import SymbolifyOptions
from kancli.stages.common import (
    Split,
    check_columns,
    metrics,
    named_edge,
    network_of,
    scaling_of,
    split,
    successor,
)
from kancli.stages.progress import Progress, Report
from kancli.stages.prune import sample
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.edge_table import edge_table, instead
from kancli.stages.reading.formulas import Found, Runner, formula_of, partial_formula, runners_up
from kancli.symbolic.formula import Formula
from kancli.symbolic.graph.clean import clean, line
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import Graph, forward, graph_of, linearise
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import (
    Function,
    functions_meant,
    library,
    named_function,
    special_functions,
)
from kancli.symbolic.reading.assignment import (
    Data,
    EdgeChoice,
    Scored,
    Search,
    candidates_of,
    never,
)
from kancli.symbolic.reading.read import read

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
# No floor is above this: an edge that noise drowns still says something about its function.
HALF = 0.5


@dataclass(frozen=True)
class Reading:
    """What a network was read as: `formula` and the runners-up `others`; where splines are left, no formula and
    `partial`, what there is of one. `base`: the version without anything about its formula."""

    formula: Formula | None
    partial: Mapping[str, Any]
    others: tuple[Runner, ...]
    edges: tuple[Mapping[str, Any], ...]
    splines_left: int
    remarks: tuple[str, ...]
    base: Checkpoint


def read_formula(
    checkpoint: Checkpoint,
    dataset: Dataset,
    options: SymbolifyOptions,
    *,
    report: Report,
    expired: Callable[[], bool] = never,
) -> Reading:
    """The same as values, as the search for a formula uses it. Raises as `symbolify` does."""
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
    special = special_functions(functions, functions_meant(options.exclude, options.functions))
    search = Search(
        functions, options.compositions, options.top, floors, fixed, options.thorough, expired, special
    )
    found = find(graph, rows, search, kept, options, grid, report)
    report(Progress("symbolify", 1, None, None, None, "snapping constants"))
    if not expired():
        found = settled(found, dataset, scale, rows, options, grid)
    edges = edge_table(found, rows, scale)
    numbers = metrics(network, data, scale)
    formula, others, partial = None, tuple[Runner, ...](), dict[str, Any]()
    if found.best is None:
        partial = partial_formula(found.graph, dataset, scale)
        r2, text = partial["r2"], partial["formula"]
    else:
        formula = formula_of(found.best.expression, dataset, scale, options)
        others = others_of(found, found.best, formula, dataset, scale, rows, options, grid, numbers)
        r2, text = formula.r2, formula.text
    report(Progress("symbolify", 1, None, None, r2, text, final=True))
    return Reading(
        formula,
        partial,
        others,
        tuple(edges),
        len(found.left),
        tuple(remarks_on(edges)),
        successor(checkpoint, "symbolify", network, options.model_dump(mode="json"), numbers),
    )


def arrays(problem: Problem) -> Data:
    """The same numbers for numpy."""
    weight = None if problem.weight is None else problem.weight.numpy()
    return Data(problem.x.numpy(), problem.y.numpy(), weight)


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
    """Edges that no candidate fits as well as the user asks."""
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
            formula = formula_of(scored.expression, dataset, scale, options)
        except FitError:  # not finite on rows that the search did not see
            continue
        lengths[name] = final_bits(formula, dataset)
        sizes[name] = formula.complexity + NODES_EACH * formula.free
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


def others_of(
    found: Found,
    best: Scored,
    formula: Formula,
    dataset: Dataset,
    scale: Scaling,
    rows: Data,
    options: SymbolifyOptions,
    grid: int,
    numbers: Mapping[str, float | None],
) -> tuple[Runner, ...]:
    """The runners-up, each with its own edges; `numbers` are the network's."""

    def edges(scored: Scored) -> list[dict[str, Any]]:
        return edge_table(instead(found, scored, rows, grid), rows, scale)

    # A first look that comes nowhere near the splines has no runners-up worth writing down.
    near = formula.rmse is not None and formula.rmse <= NEAR * (numbers["rmse"] or 0.0)
    tried = found.tried if options.thorough or near or best.exact else ()
    return runners_up(tried, formula, dataset, scale, edges)


def remarks_on(edges: list[dict[str, Any]]) -> list[str]:
    """What a careful reader should know about the edges."""
    return [
        f"edge {e['layer']},{e['source']},{e['target']} stays a spline"
        for e in edges
        if e["function"] == "spline"
    ]
