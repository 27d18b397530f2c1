"""One edge at a time: give it its function, let the other splines and constants follow, look at the error.

Where isolated fits mislead, a candidate in context does not: a wrong function breaks the joint fit however
the other splines bend. And each edge that has its exact function makes the remaining splines more exact,
so their candidates are looked for again.
"""

from __future__ import annotations

from collections.abc import Callable

from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import Graph
from kancli.symbolic.reading.assignment import Data, EdgeChoice, Search, candidates_of

# The joint error may rise this much when a spline gives way to a function with far fewer constants.
ALLOWED = 1.25
STEPS = 10
TRIED = 4


def lock_in(
    graph: Graph,
    data: Data,
    search: Search,
    *,
    expired: Callable[[], bool],
) -> tuple[Graph, dict[int, EdgeChoice]]:
    """The graph with as many splines replaced as the data allow, and the candidates last seen of each edge."""
    fitted = fit_graph(graph, data.x, data.y, data.weight, steps=STEPS)
    graph, error = fitted.graph, fitted.rmse
    known: dict[int, EdgeChoice] = {}
    fresh: set[int] = set()
    while graph.splines() and not expired():
        stale = [i for i in graph.splines() if i not in fresh]
        known.update(candidates_of(graph, data, search, only=stale))
        fresh.update(stale)
        order = sorted(graph.splines(), key=lambda i: -known[i].confidence())
        accepted = None
        for i in order:
            for candidate in known[i].candidates[:TRIED]:
                trial = fit_graph(
                    graph.with_curves({i: candidate.activation}), data.x, data.y, data.weight, steps=STEPS
                )
                if trial.rmse <= ALLOWED * error:
                    accepted = i, trial
                    break
            if accepted is not None or expired():
                break
        if accepted is None:
            break
        i, trial = accepted
        graph = trial.graph
        if trial.rmse < 0.5 * error:  # the others are known better now: look at them again
            fresh.clear()
        error = min(error, trial.rmse)
    return graph, known
