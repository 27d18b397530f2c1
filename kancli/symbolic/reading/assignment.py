"""Choosing the functions of all edges together: candidates an edge, judged by the data.

An isolated edge fit says what is possible; which of the possible is right shows when all constants are
re-fitted together. An assignment of one function to every edge is an expression; it is re-fitted on the
data and scored by description length, so that among equals the simplest wins, noise or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.constants.length import length
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.description import RESOLUTION
from kancli.symbolic.edge.fit import Candidate, fit_data, fit_edge, fit_noisy, fit_special
from kancli.symbolic.expression import Expression
from kancli.symbolic.graph.clean import floor_of, line, linear
from kancli.symbolic.graph.curve import Array
from kancli.symbolic.graph.graph import Graph, forward, linearise
from kancli.symbolic.graph.to_expression import expression_of
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import Function
from kancli.symbolic.noise import is_noise
from kancli.symbolic.rewrite.canonical import canonical

# No edge of a spline network is known better than this.
LEAST_FLOOR = 1e-15
# An assignment this much worse than the best after a few steps is not fitted to the end.
FEW_STEPS = 8
FEW_ROWS = 250
# Changes of the error below this share change no decision.
SETTLED = 1e-7
# Candidates asked of an edge fit before the short list is made; a more complex one must be this much better.
POOL = 60
# The first few runners-up are tried whatever they cost, the others where they are simpler than the choice.
ALWAYS = 4
# Assignments tried for one graph at most.
MOST_TRIALS = 120
# 1 − r² up to which the simplest candidate is a start worth trying on all edges at once.
LEVELS = (1e-8, 1e-6, 1e-5, 1e-4, 1e-3)
WORTH_MORE = 0.7
# Neighbouring rows measure the noise where there are so many of them and it is above this share of the variance; a
# function is as good as the data when what it leaves is within this share of it.
ROWS_FOR_NOISE, LEAST_NOISE, LIKE_NOISE = 100, 1e-8, 0.3
# A best candidate this many times above its edge's floor has missed the function.
MISSED = 10.0
# In a first look, a graph with more edges than this that no single function fits is not asked for compositions.
FEW_UNREAD = 2
HOPELESS = 5.0


@dataclass(frozen=True)
class Data:
    """Scaled inputs x (inputs, n) and targets y (n,) of variance one; `weight` (n,) of each squared residual."""

    x: Array
    y: Array
    weight: Array | None = None

    def some(self, rows: int) -> Data:
        """At most `rows` of the rows, evenly spaced."""
        if len(self.y) <= rows:
            return self
        chosen = np.linspace(0, len(self.y) - 1, rows).astype(np.intp)
        weight = None if self.weight is None else self.weight[chosen]
        return Data(np.ascontiguousarray(self.x[:, chosen]), self.y[chosen], weight)

    def rmse(self, sse: float) -> float:
        """Root mean square error that a (weighted) sum of squares is."""
        return math.sqrt(sse / (len(self.y) if self.weight is None else float(self.weight.sum())))


@dataclass(frozen=True)
class Scored:
    """A fully symbolic graph, its re-fitted expression in scaled units, and its description length."""

    graph: Graph
    expression: Expression
    rmse: float
    bits: float

    @property
    def exact(self) -> bool:
        return self.rmse <= RESOLUTION


def score(graph: Graph, data: Data, *, steps: int = 40) -> Scored | None:
    """Re-fit all constants of a fully symbolic graph on the data; None where it cannot be evaluated."""
    with np.errstate(all="ignore"):
        try:
            raw = expression_of(graph, (1.0,) * graph.inputs, 0.0, 1.0)
            expression = canonical(raw, data.x.T)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return score_expression(graph, expression, data, steps=steps)


def score_expression(graph: Graph, expression: Expression, data: Data, *, steps: int = 40) -> Scored | None:
    """The same for an expression in scaled units that stands for `graph`."""
    try:
        fitted = refit(expression, data.x.T, data.y, data.weight, steps=steps, tolerance=SETTLED)
    except np.linalg.LinAlgError:
        return None
    if not math.isfinite(fitted.sse):
        return None
    rmse = data.rmse(fitted.sse)
    # In scaled units the target's deviation is 1.
    return Scored(graph, fitted.expression, rmse, length(fitted, len(data.y), RESOLUTION).bits)


@dataclass(frozen=True)
class EdgeChoice:
    """The candidates of one edge, best first, and the 1 − r² to which the edge is known."""

    candidates: tuple[Candidate, ...]
    floor: float

    def confidence(self) -> float:
        """How far the best candidate stands out: decades between it and the next other function."""
        first = max(self.candidates[0].residual, self.floor, 1e-30)
        names = self.candidates[0].activation.name
        others = [c.residual for c in self.candidates[1:] if c.activation.name != names]
        gap = math.log10(max(min(others, default=1.0), first) / first)
        missed = math.log10(max(first / max(self.floor, 1e-30), 1.0))
        return gap - missed - 0.05 * self.candidates[0].complexity


@dataclass(frozen=True)
class Choices:
    """What is known about every edge of one graph."""

    graph: Graph
    edges: Mapping[int, EdgeChoice]

    def assigned(self, picks: Mapping[int, int]) -> Graph:
        """The graph with candidate `picks[i]` on edge i."""
        return self.graph.with_curves({i: self.edges[i].candidates[n].activation for i, n in picks.items()})


def never() -> bool:
    """There is time."""
    return False


@dataclass(frozen=True)
class Search:
    """What the edge fits may use.

    `floors`: the 1 − r² to which each edge of the network is known; `fixed`: edges whose function has been
    chosen by hand; `thorough`: exchange the functions of edges for runners-up where the first choice of
    all does not fit; `expired`: whether it is time to come to an end with what there is; `special`: functions tried
    on an edge that nothing plain fits.
    """

    functions: tuple[Function, ...]
    compositions: bool
    top: int
    floors: Mapping[Edge, float]
    fixed: Mapping[Edge, Function]
    thorough: bool = True
    expired: Callable[[], bool] = never
    special: tuple[Function, ...] = ()


def candidates_of(
    graph: Graph, data: Data, search: Search, only: Sequence[int] | None = None
) -> dict[int, EdgeChoice]:
    """Candidates for each spline edge, fitted where the data are and where the output depends on them.

    Where a single edge is left that nothing plain fits, richer functions are tried on it. On several
    at once they would only bend to whatever else is wrong; the same goes for compositions in a first look.
    """
    wanted = graph.splines() if only is None else only
    if only is None and graph.inputs == len(graph.edges) == len(wanted) == 1 and not search.fixed:
        return {0: measured_candidates(data, search)}

    def missed(among: Mapping[int, EdgeChoice]) -> list[int]:
        return [i for i in wanted if among[i].candidates[0].residual > MISSED * among[i].floor]

    if not search.thorough and search.compositions and len(wanted) > FEW_UNREAD:
        found = fitted_candidates(graph, data, replace(search, compositions=False), wanted)
        unread = missed(found)
        if unread and len(unread) <= FEW_UNREAD:
            found |= fitted_candidates(graph, data, search, unread)
    else:
        found = fitted_candidates(graph, data, search, wanted)
    unread = missed(found)
    if search.special and search.compositions and len(unread) == 1:
        found |= special_candidates(graph, data, search, unread[0], found[unread[0]])
        unread = missed(found)
    if search.thorough and search.compositions and len(unread) == 1:
        found |= fitted_candidates(graph, data, search, unread, richer=True)
    return found


def measured_candidates(data: Data, search: Search) -> EdgeChoice:
    """Candidates of the only edge there is: its curve are the data, and no spline need come between.

    Where neighbouring rows say how large the noise is, and a plain function leaves just that, nothing richer
    is looked for.
    """
    noise = noise_share(data) if len(data.y) >= ROWS_FOR_NOISE and search.compositions else 0.0
    if noise > LEAST_NOISE:
        plain = fit_edge(
            data.x[0],
            data.y,
            data.weight,
            search.functions,
            floor=noise,
            top=POOL,
        )
        like_noise = [one for one in plain if abs(one.residual - noise) <= LIKE_NOISE * noise]
        # Uneven rows feign noise, which no function leaves: what is left then has a structure of its own.
        exact = any(one.residual <= LEAST_FLOOR for one in plain)
        if not exact and not any(leaves_noise(one, data) for one in like_noise):
            special = fit_special(data.x[0], data.y, data.weight, search.special, noise)
            special = tuple(one for one in special if leaves_noise(one, data))
            if special:
                return EdgeChoice(shortlist((*special, *plain), search.top), noise)
        if like_noise:
            both = fit_noisy(data.x[0], data.y, data.weight, search.functions, noise, plain, top=POOL)
            return EdgeChoice(shortlist(both, search.top), noise)
    best = fit_data(
        data.x[0],
        data.y,
        data.weight,
        search.functions,
        compositions=search.compositions,
        special=search.special,
        top=POOL,
    )
    return EdgeChoice(shortlist(best, search.top), LEAST_FLOOR)


def leaves_noise(candidate: Candidate, data: Data) -> bool:
    """Does a candidate for the only edge leave but noise, or nothing."""
    left = data.y - candidate.activation.evaluate(data.x[0])
    return candidate.residual <= LEAST_FLOOR or is_noise(data.x.T, left)


def noise_share(data: Data) -> float:
    """Share of the variance of y that is noise, for one input, from second differences of neighbouring rows.

    Gasser, Sroka & Jennen-Steinmetz, Biometrika 73, 625 (1986), for nearly even spacing.
    """
    y = data.y[np.argsort(data.x[0], kind="stable")]
    second = y[1:-1] - (y[:-2] + y[2:]) / 2
    return float(np.mean(second**2) / 1.5 / max(float(y.var()), 1e-300))


def fitted_candidates(
    graph: Graph, data: Data, search: Search, wanted: Sequence[int], *, richer: bool = False
) -> dict[int, EdgeChoice]:
    """Candidates of the edges `wanted`."""
    nodes, values = forward(graph, data.x)
    weights = weights_of(graph, data)
    found = {}
    for i in wanted:
        edge, weight = graph.edges[i], weights[i]
        floor = max(floor_of(edge, search.floors), LEAST_FLOOR)
        chosen = [search.fixed[e] for e in edge.origin if e in search.fixed]
        further = search.compositions and not chosen and not search.expired()
        more: Literal["auto", False] = "auto" if further else False
        best = fit_edge(
            nodes[edge.source],
            values[i],
            weight if weight.max() > 0 else None,
            chosen[:1] or search.functions,
            floor=floor,
            compositions=more,
            sums=more,
            richer=richer,
            top=POOL,
        )
        best = shortlist(best, search.top)
        plain = () if chosen else plainest(nodes[edge.source], values[i], weight)
        known = {c.activation.name for c in best}
        found[i] = EdgeChoice((*best, *(c for c in plain if c.activation.name not in known)), floor)
    return found


def weights_of(graph: Graph, data: Data) -> list[Array]:
    """How much the output feels each edge, per row: (∂output/∂φ)², times the weight of the row."""
    _, sensitivity, _ = linearise(graph, data.x)
    felt = [np.nan_to_num(one**2, nan=0.0, posinf=0.0) for one in sensitivity]
    return felt if data.weight is None else [one * data.weight for one in felt]


def special_candidates(
    graph: Graph, data: Data, search: Search, i: int, choice: EdgeChoice
) -> dict[int, EdgeChoice]:
    """The special functions that edge i can be, before the candidates it has; nothing where it can be none."""
    if any(edge in search.fixed for edge in graph.edges[i].origin) or search.expired():
        return {}
    nodes, values = forward(graph, data.x)
    weight = weights_of(graph, data)[i]
    felt = weight if weight.max() > 0 else None
    found = fit_special(nodes[graph.edges[i].source], values[i], felt, search.special, choice.floor)
    return {i: EdgeChoice((*found, *choice.candidates), choice.floor)} if found else {}


def shortlist(pool: Sequence[Candidate], top: int) -> tuple[Candidate, ...]:
    """The first `top`, and every candidate that no simpler one fits nearly as well.

    The ranking trusts the floor, which is an estimate; the joint fit can only choose what it is offered.
    """
    chosen = list(pool[:top])
    residual = math.inf
    for candidate in sorted(pool, key=lambda c: (c.complexity, c.residual)):
        if candidate.residual < WORTH_MORE * residual:
            residual = candidate.residual
            if candidate not in chosen:
                chosen.append(candidate)
    return tuple(chosen)


def plainest(x: Array, y: Array, weight: Array) -> tuple[Candidate, ...]:
    """A straight line and a constant: too plain to reach an edge's floor, yet all that noise may leave of it."""
    slope, constant, residual = line(x, y, weight)
    straight = linear(slope, constant)
    level = Activation((), float(y.mean()))
    return Candidate(straight, residual, straight.complexity), Candidate(level, 1.0, level.complexity)


def exchange(
    choices: Choices,
    data: Data,
    *,
    sweeps: int = 3,
    trials: int = MOST_TRIALS,
    expired: Callable[[], bool] = never,
) -> tuple[Scored | None, list[Scored]]:
    """Coordinate descent over assignments: exchange one edge's function for a runner-up, re-fit, keep what pays.

    Starts from the best of a few assignments (see `starts`); edges whose best is least certain come first. Ends early
    once the error is at the level of rounding, or a whole sweep pays nothing. Also returns all that was
    scored.
    """
    scored: list[Scored] = []
    best: Scored | None = None
    picks = dict.fromkeys(choices.edges, 0)
    for start in starts(choices):
        trial = score(choices.assigned(start), data)
        if trial is not None:
            scored.append(trial)
            if best is None or trial.bits < best.bits:
                best, picks = trial, start
        if best is not None and (best.exact or expired()):
            break
    order = sorted(choices.edges, key=lambda i: choices.edges[i].confidence())
    left = trials
    for _ in range(sweeps):
        improved = False
        for i in order:
            for n in range(len(choices.edges[i].candidates)):
                if n == picks[i]:
                    continue
                if (n >= ALWAYS or (best is not None and best.exact)) and not simpler(
                    choices, i, n, picks[i]
                ):
                    continue
                left -= 1
                if best is not None and expired():
                    return best, scored
                trial = promising(choices.assigned({**picks, i: n}), data, best) if left >= 0 else None
                if trial is None:
                    continue
                scored.append(trial)
                if best is None or trial.bits < best.bits - 1:
                    best, picks, improved = trial, {**picks, i: n}, True
        if not improved or (best is not None and best.exact):
            break
    return best, scored


def starts(choices: Choices) -> list[dict[int, int]]:
    """Every edge's best candidate; and every edge's simplest one that is not worse than some level.

    Splines can be wrong together, each a little, along a direction that the data hardly feel: then the
    true functions all miss their edges' floors, and only all of them at once fit.
    """
    found = [dict.fromkeys(choices.edges, 0)]
    for level in LEVELS:
        picks = {}
        for i, choice in choices.edges.items():
            allowed = max(level, 2 * choice.candidates[0].residual)
            good = [n for n, c in enumerate(choice.candidates) if c.residual <= allowed]
            picks[i] = min(good, key=lambda n: (choice.candidates[n].complexity, n), default=0)
        if picks not in found:
            found.append(picks)
    return found


def promising(graph: Graph, data: Data, best: Scored | None) -> Scored | None:
    """The score of a graph; None if a few steps on some of the rows leave it far behind the best."""
    quick = score(graph, data.some(FEW_ROWS), steps=FEW_STEPS)
    if quick is None or (best is not None and quick.rmse > HOPELESS * best.rmse + RESOLUTION):
        return None
    return score_expression(graph, quick.expression, data)


def simpler(choices: Choices, edge: int, one: int, other: int) -> bool:
    """Whether candidate `one` of an edge is simpler than `other`."""
    c = choices.edges[edge].candidates
    return c[one].complexity < c[other].complexity
