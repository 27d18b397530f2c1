"""From a graph of splines to the formula that describes the data most briefly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kancli.symbolic.description import error_bits, expected_bits, resolved
from kancli.symbolic.graph.clean import clean
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.graph.lines import straightened_in_context
from kancli.symbolic.reading.assignment import (
    MOST_TRIALS,
    Choices,
    Data,
    EdgeChoice,
    Scored,
    Search,
    candidates_of,
    exchange,
    score,
)
from kancli.symbolic.reading.gauge import plain_offsets, plain_products
from kancli.symbolic.reading.lock_in import lock_in
from kancli.symbolic.reading.rewrites import rewrites
from kancli.symbolic.reading.second_look import revisit, with_its_splines, worth_it

# Ways of writing one graph that are tried at most.
MOST_GRAPHS = 6
# Exchanges tried in a graph that is only looked at.
FEW_TRIALS = 10


@dataclass(frozen=True)
class Reading:
    """`best` is None when nothing could be evaluated; `explains`: whether the formula describes the data
    more briefly than the splines do. `graph` is `best`'s graph before its functions were put in, `choices`
    the candidates of its edges; `tried` every assignment that was scored, for the front."""

    best: Scored | None
    explains: bool
    graph: Graph
    choices: Mapping[int, EdgeChoice]
    tried: tuple[Scored, ...]


def read(
    graph: Graph,
    data: Data,
    search: Search,
    *,
    grid: int,
    tell: Callable[[str], None],
) -> Reading:
    """Read a cleaned graph whose splines fit the data; `tell` hears what is being tried."""
    expired = search.expired
    fitted = fit_graph(graph, data.x, data.y, data.weight, steps=6)
    free = sum(len(e.curve.parameters()) for e in graph.edges)
    # What splines of more constants than the rows carry would cost if they did.
    spline_bits = error_bits(resolved(fitted.rmse), len(data.y)) + free * expected_bits(len(data.y))
    queue = [fitted.graph]
    pinned = frozenset(search.fixed)
    plain = plainer(fitted.graph, data, search, grid, fitted.rmse)
    if plain is not fitted.graph:
        queue.insert(0, plain)
    best: tuple[Scored, Graph, dict[int, EdgeChoice]] | None = None
    tried: list[Scored] = []
    choices: dict[int, EdgeChoice] = {}
    for count in range(MOST_GRAPHS):
        if count >= len(queue) or (count and expired()):
            break
        current = queue[count]
        tell(f"functions of {len(current.splines())} edges" + (f", rewriting {count}" if count else ""))
        choices = candidates_of(current, data, search)
        trials = MOST_TRIALS if search.thorough else FEW_TRIALS
        result, scored = exchange(Choices(current, choices), data, trials=trials, expired=expired)
        tried += scored
        if search.thorough and (result is None or result.bits > spline_bits):
            locked, known = lock_in(current, data, search, expired=expired)
            choices = {**choices, **known}
            other = score(locked, data) if not locked.splines() else None
            if other is not None and (result is None or other.bits < result.bits):
                result = other
                tried.append(other)
        if result is not None and (best is None or result.bits < best[0].bits):
            best = result, current, choices
        if best is not None and best[0].exact:
            break
        if count == 0 and not expired():
            tell("straight lines")
            lines = straightened_in_context(
                current, data.x, data.y, fitted.rmse, pinned, expired, data.weight
            )
            if lines is not current:
                lines = cleaned(lines, data, search, grid, fitted.rmse)
                queue.insert(1, plainer(lines, data, search, grid, fitted.rmse))
            queue += [polished(g, data, fitted.rmse) for g in rewrites(current, choices, data.x, grid)]
    if best is None:
        return Reading(None, False, queue[0], choices, ())
    if search.thorough and worth_it(best[0], fitted.rmse) and not expired():
        tell("a second look at each edge")
        other, again, scored = revisit(best[0], data, search, grid, expired=expired)
        tried += scored
        if again:
            best = (*with_its_splines(other, data, grid), {**best[2], **again})
    return Reading(best[0], best[0].bits < spline_bits, best[1], best[2], tuple(tried))


def plainer(graph: Graph, data: Data, search: Search, grid: int, rmse: float) -> Graph:
    """The graph with what its product nodes leave open decided; the same one where nothing is."""
    for rewrite in (plain_products, plain_offsets):
        other = rewrite(graph, data.x, grid, frozenset(search.fixed))
        if other is not graph:
            graph = cleaned(other, data, search, grid, rmse)
    return graph


def cleaned(graph: Graph, data: Data, search: Search, grid: int, rmse: float) -> Graph:
    """A rewritten graph, cleaned of what the rewriting has made superfluous, and fitted."""
    pinned = frozenset(search.fixed)
    graph = clean(polished(graph, data, rmse), data.x, search.floors, grid, pinned)
    return polished(graph, data, rmse)


def polished(graph: Graph, data: Data, rmse: float) -> Graph:
    """A rewritten graph, fitted again if the rewriting cost accuracy."""
    with np.errstate(all="ignore"):
        error = float(np.sqrt(np.average((predict(graph, data.x) - data.y) ** 2, weights=data.weight)))
    if error <= 1.2 * rmse:
        return graph
    return fit_graph(graph, data.x, data.y, data.weight, steps=10).graph
