"""A second look at each edge of a formula that is nearly right, with all others in their places.

A function that imitates another within what the first splines could tell is found out here: beside functions
instead of splines, one spline alone shows its shape to far more digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kancli.symbolic.graph.clean import is_line, is_pinned
from kancli.symbolic.graph.curve import Curve, fit_spline
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import Graph, forward
from kancli.symbolic.reading.assignment import Data, EdgeChoice, Scored, Search, candidates_of, promising

STEPS = 20
TRIED = 4
SWEEPS = 3
# With the other edges exact, an edge is known to this much of what it was known to before.
BETTER_KNOWN = 1e-2
# Errors, as shares of the target's spread: above NEAR a formula is plainly wrong, below CLEAN no noise is left
# to explain; one this many times above that of the splines has missed something.
NEAR, CLEAN, FAR = 0.05, 1e-3, 1.5


def revisit(
    best: Scored, data: Data, search: Search, grid: int, *, expired: Callable[[], bool]
) -> tuple[Scored, dict[int, EdgeChoice], list[Scored]]:
    """The formula after exchanging edges one at a time, the new candidates, and all that was scored.

    Ends where no exchange makes the description shorter; edges whose function was given stay as they are.
    """
    finer = replace(search, floors={e: floor * BETTER_KNOWN for e, floor in search.floors.items()})
    pinned = frozenset(search.fixed)
    choices: dict[int, EdgeChoice] = {}
    tried: list[Scored] = []
    for _ in range(SWEEPS):
        before = best
        for i, edge in enumerate(best.graph.edges):
            if is_line(edge) or is_pinned(edge, pinned) or best.exact or expired():
                continue
            loose = with_splines(best.graph, [i], data, grid)
            choice = candidates_of(loose, data, finer, only=[i])[i]
            for candidate in choice.candidates[:TRIED]:
                trial = promising(loose.with_curves({i: candidate.activation}), data, best)
                if trial is None:
                    continue
                tried.append(trial)
                if trial.bits < best.bits - 1:
                    best, choices = trial, {**choices, i: choice}
        if best is before:
            break
    return best, choices, tried


def with_splines(graph: Graph, edges: Sequence[int], data: Data, grid: int) -> Graph:
    """The graph with splines in the place of some functions, all of it fitted."""
    return fit_graph(
        splined(fitted(graph, data), edges, data, grid), data.x, data.y, data.weight, steps=STEPS
    ).graph


def fitted(graph: Graph, data: Data) -> Graph:
    """The graph with its constants fitted together."""
    return fit_graph(graph, data.x, data.y, data.weight, steps=STEPS).graph


def splined(graph: Graph, edges: Sequence[int], data: Data, grid: int) -> Graph:
    """The graph with splines through the values of some functions."""
    nodes, values = forward(graph, data.x)
    curves: dict[int, Curve] = {
        i: fit_spline(nodes[graph.edges[i].source], values[i], grid, 3) for i in edges
    }
    return graph.with_curves(curves)


def with_its_splines(best: Scored, data: Data, grid: int) -> tuple[Scored, Graph]:
    """The formula on a graph of fitted functions, and the splines that the data would have in their places.

    Few steps, much damping: the splines follow the data, yet stay in the functions' own scales.
    """
    functions = fitted(best.graph, data)
    bent = [i for i, e in enumerate(functions.edges) if not is_line(e)]
    splines = splined(functions, bent, data, grid)
    near = fit_graph(splines, data.x, data.y, data.weight, steps=2, damping=0.1).graph
    return replace(best, graph=functions), near


def worth_it(best: Scored, splines: float) -> bool:
    """Whether the formula is near enough to the data to be nearly right, and not as near as it could be.

    `splines`: the error of the splines that were read.
    """
    return not best.exact and best.rmse < NEAR and (best.rmse < CLEAN or best.rmse > FAR * splines)
