"""Removing edges: remove, refit, compare the held-out error.

An edge may be removed if the network without it, re-fitted, is as good as the best one seen (a paired
one-standard-error rule on the held-out rows), or if what got worse is only the spline's own error:
that falls like G^-(k+1) when the grid is refined, while the error of a missing edge stays. Candidates are
ranked by the saliency that the Gauss-Newton Hessian gives at no extra cost (optimal brain surgeon, Hassibi &
Stork 1993, one block of coefficients per edge), removed several at a time, and re-fitted as one batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice, permutations

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture, Edge
from kancli.engine.network import Network, remove_edges, trace
from kancli.engine.products import alternatives, groups, with_architecture
from kancli.engine.training.grid import refine_grids
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt
from kancli.engine.training.normal_equations import normal_equations

# A batch of candidates holds at most this many numbers in its grams.
BATCH_NUMBERS = 8_000_000
# A doubling of the grid must lower a spline's own error at least this much (16 by theory at k = 3).
# A missing edge's error does not move (below 1.7); singular functions such as a root at 0 lie between.
CONVERGES = 2.5
# Candidates whose mean squared residual is within this factor of the reference are worth more steps.
NEAR = 1.5
FINEST_TEST = 40


@dataclass(frozen=True)
class Pruned:
    """A network without some edges, and how it got there: one (removed edges, error after) per round."""

    network: Network
    error: float
    rounds: tuple[tuple[tuple[Edge, ...], float], ...]
    refused: float | None


def residuals(network: Network, problem: Problem) -> Tensor:
    """Weighted squared residuals (R, N)."""
    r = (problem.y - network(problem.x)).square()
    return r if problem.weight is None else r * problem.weight


def saliency(network: Network, problem: Problem) -> Tensor:
    """How much the loss would rise if an edge became a constant and the others adjusted, (E,), for R = 1."""
    gram, _, _ = normal_equations(network, problem.x, problem.y, problem.weight)
    h = gram[0]
    damped = h + 1e-7 * h.diagonal().mean() * torch.eye(len(h), dtype=h.dtype)
    inverse = torch.linalg.inv(damped)
    found, at = [], 0
    for layer in network.layers:
        _, edges, size = layer.coefficients.shape
        for e in range(edges):
            block = inverse[at : at + size, at : at + size]
            v = layer.coefficients[0, e].clone()
            spline = layer.grid + network.order
            v[:spline] -= v[:spline].mean()
            found.append(v @ torch.linalg.solve(block, v) / 2)
            at += size
    return torch.stack(found)


def closure(architecture: Architecture, removed: set[Edge]) -> frozenset[Edge] | None:
    """`removed` and every edge that has become useless with it, or None if an output is cut off."""
    left = architecture.without(removed)
    useless = left.useless_edges()
    if not left.outputs_reached():
        return None
    return frozenset(removed) | useless


def shared_sources(architecture: Architecture) -> list[frozenset[Edge]]:
    """For every two sum nodes of a layer, the edges into one of them from the sources that both have.

    Where what follows a node is a straight line, any multiple of the other node's sum can be added to it and
    subtracted again later: no single one of these edges can be removed, but all of them together can.
    """
    found = []
    for index, pairs in enumerate(architecture.edges[:-1]):
        products = architecture.products[index + 1]
        sources: dict[int, set[int]] = {}
        for s, t in pairs:
            if t not in products:
                sources.setdefault(t, set()).add(s)
        for one, other in permutations(sources, 2):
            shared = sources[one] & sources[other]
            group = closure(architecture, {Edge(index, s, one) for s in shared}) if len(shared) > 1 else None
            if group is not None:
                found.append(group)
    return found


def without_edges(network: Network, removed: frozenset[Edge], x: Tensor) -> Network:
    """R = 1: the network without `removed`, their means added to a sibling's constant."""
    activations = trace(network, x, slopes=False).activations
    layers = []
    for index, layer in enumerate(network.layers):
        c = layer.coefficients.clone()
        pairs = network.architecture.edges[index]
        spline = layer.grid + network.order
        for e, (s, t) in enumerate(pairs):
            if Edge(index, s, t) not in removed:
                continue
            mean = activations[index][0, e].mean()
            siblings = [i for i, p in enumerate(pairs) if p[1] == t and Edge(index, *p) not in removed]
            if siblings and t in network.architecture.products[index + 1]:
                c[0, siblings[0]] *= mean
            elif siblings:
                c[0, siblings[0], :spline] += mean
        layers.append(replace(layer, coefficients=c))
    return remove_edges(replace(network, layers=tuple(layers)), network.architecture.without(removed))


def embed(parts: list[Network], whole: Network) -> tuple[Network, Tensor]:
    """Networks with different edges removed as one batch over `whole`'s edges, and what is frozen in it.

    A missing edge has frozen coefficients that make it 0 (1 into a product node).
    """
    layers, masks = [], []
    for index, layer in enumerate(whole.layers):
        pairs = whole.architecture.edges[index]
        spline = layer.grid + whole.order
        shape = (len(parts), *layer.coefficients.shape[1:])
        c = torch.zeros(shape, dtype=layer.coefficients.dtype)
        frozen = torch.ones(shape, dtype=torch.bool)
        for e, (_, t) in enumerate(pairs):
            if t in whole.architecture.products[index + 1]:
                c[:, e, :spline] = 1
        for r, part in enumerate(parts):
            for i, pair in enumerate(part.architecture.edges[index]):
                e = pairs.index(pair)
                c[r, e] = part.layers[index].coefficients[0, i]
                frozen[r, e] = False
        low = torch.cat([p.layers[index].low for p in parts])
        high = torch.cat([p.layers[index].high for p in parts])
        if index == 0:
            low, high = layer.low, layer.high
        layers.append(replace(layer, coefficients=c, low=low, high=high))
        masks.append(frozen.flatten(1))
    return replace(whole, layers=tuple(layers)), torch.cat(masks, dim=1)


def refit(network: Network, problem: Problem, steps: int, frozen: Tensor | None = None) -> Network:
    """`steps` Levenberg-Marquardt steps with moving grids."""
    states = levenberg_marquardt(network, problem, frozen=frozen, move_grid_every=4, damping=1e-3)
    return next(islice(states, steps, None)).network


def refit_all(parts: list[Network], whole: Network, problem: Problem, steps: int) -> list[Network]:
    """Re-fit networks that lack different edges of `whole`, in as few batches as memory allows."""
    size = max(1, BATCH_NUMBERS // max(1, whole.size**2))
    done: list[Network] = []
    for start in range(0, len(parts), size):
        some = parts[start : start + size]
        if len(some) == 1:
            done.append(refit(some[0], problem, steps))
            continue
        batch, frozen = embed(some, whole)
        fitted = refit(batch, problem, steps, frozen)
        done += [remove_edges(fitted.select([r]), part.architecture) for r, part in enumerate(some)]
    return done


class Judge:
    """Decides whether a re-fitted network is still as good as the best one seen."""

    def __init__(
        self, start: Network, problem: Problem, held_out: Problem, *, steps: int, tolerance: float
    ) -> None:
        self.problem, self.held_out, self.steps, self.tolerance = problem, held_out, steps, tolerance
        self.reference = residuals(start, held_out)[0]
        self.converging = 0.0

    def no_worse(self, squares: Tensor) -> bool:
        """The paired rule: the mean squared residual rises by a standard error at most, or by a trifle."""
        rise = squares - self.reference
        allowed = float(rise.std()) / len(rise) ** 0.5 if len(rise) > 1 else 0.0
        negligible = ((1 + self.tolerance) ** 2 - 1) * float(self.reference.mean())
        return float(rise.mean()) <= max(allowed, negligible)

    def accepts(self, network: Network) -> Network | None:
        """The network, possibly fitted further, if it is accepted; else None."""
        squares = residuals(network, self.held_out)[0]
        if not bool(torch.isfinite(squares).all()):
            return None
        near = float(squares.mean()) < NEAR * float(self.reference.mean())
        if near and not self.no_worse(squares):
            network = refit(network, self.problem, 3 * self.steps)
            squares = residuals(network, self.held_out)[0]
        if self.no_worse(squares):
            if squares.mean() < self.reference.mean():
                self.reference = squares
            return network
        return network if self.converges(network, squares) else None

    def converges(self, network: Network, squares: Tensor) -> bool:
        """The structure test: whether a finer grid takes the error down to the reference."""
        error = first = trimmed(squares)
        if error <= self.converging:
            return True
        grid = network.layers[0].grid
        finest = max(FINEST_TEST, 2 * grid)
        while 2 * grid <= finest and 2 * network.size <= self.problem.x.shape[-1]:
            grid *= 2
            network = refit(refine_grids(network, grid), self.problem, self.steps)
            squares = residuals(network, self.held_out)[0]
            finer = trimmed(squares)
            if self.no_worse(squares):
                break
            if not finer < error / CONVERGES:
                return False
            error = finer
        if error == first and not self.no_worse(squares):
            return False
        self.converging = max(self.converging, first)
        return True


def trimmed(squares: Tensor) -> float:
    """Root mean square without the largest twentieth, which rows beyond the end of a grid would dominate."""
    kept = squares.sort().values[: max(1, int(0.95 * len(squares)))]
    return math.sqrt(float(kept.mean()))


def prune_by_refit(
    network: Network,
    problem: Problem,
    held_out: Problem,
    *,
    steps: int,
    tolerance: float,
    watch: Callable[[int, int, float], None],
) -> Pruned:
    """Remove edges of a batch of one for as long as re-fitting brings the held-out error back.

    `tolerance` is the share of the held-out error that a removal may add even where that is more
    than chance: a refit of a few steps has not quite converged. `watch(round, edges left, error)` is called
    after each round.
    """
    judge = Judge(network, problem, held_out, steps=steps, tolerance=tolerance)
    rounds: list[tuple[tuple[Edge, ...], float]] = []
    refused: float | None = None
    protected: set[Edge] = set()
    while True:
        architecture = network.architecture
        edges = architecture.all_edges()
        order = saliency(network, problem).argsort().tolist()
        nested = nested_removals(architecture, [edges[i] for i in order if edges[i] not in protected])
        accepted: tuple[frozenset[Edge], Network] | None = None
        if nested:
            parts = refit_all([without_edges(network, r, problem.x) for r in nested], network, problem, steps)
            for removed, part in sorted(zip(nested, parts, strict=True), key=lambda v: -len(v[0])):
                fitted = judge.accepts(part)
                if fitted is not None:
                    accepted = removed, fitted
                    break
        if accepted is None:
            # No prefix of the ranking works; the ranking is only a guess, so every edge is tried.
            singles = [c for e in edges if (c := closure(architecture, {e})) is not None]
            singles = list(
                dict.fromkeys(c for c in (*singles, *shared_sources(architecture)) if c not in nested)
            )
            parts = refit_all(
                [without_edges(network, r, problem.x) for r in singles], network, problem, steps
            )
            errors = [float(residuals(p, held_out).mean()) for p in parts]
            ranked = sorted(range(len(parts)), key=lambda i: errors[i])
            if ranked:
                refused = errors[ranked[0]] ** 0.5
            for i in ranked[:3]:
                fitted = judge.accepts(parts[i])
                if fitted is not None:
                    accepted = singles[i], fitted
                    break
        if accepted is None:
            break
        removed, network = accepted
        error = float(residuals(network, held_out).mean()) ** 0.5
        rounds.append((tuple(sorted(removed)), error))
        watch(len(rounds), network.architecture.size, error)
    error = float(residuals(network, held_out).mean()) ** 0.5
    return Pruned(network, error, tuple(rounds), refused)


def multiply_where_possible(
    network: Network,
    problem: Problem,
    held_out: Problem,
    *,
    steps: int,
    tolerance: float,
    restarts: int,
    generator: torch.Generator,
) -> Network:
    """Replace groups of sum nodes by product nodes where that takes fewer edges and fits no worse.

    For a pruned batch of one; the result is pruned as well.
    """
    judge = Judge(network, problem, held_out, steps=steps, tolerance=tolerance)
    for group in groups(network.architecture):
        for architecture, straight in alternatives(network.architecture, group):
            trial = with_architecture(
                network,
                architecture,
                group,
                straight,
                problem,
                held_out,
                restarts=restarts,
                steps=3 * steps,
                generator=generator,
            )
            fitted = judge.accepts(trial)
            if fitted is None:
                continue
            pruned = prune_by_refit(
                fitted, problem, held_out, steps=steps, tolerance=tolerance, watch=lambda *_: None
            ).network
            if pruned.architecture.size < network.architecture.size:
                return multiply_where_possible(
                    pruned,
                    problem,
                    held_out,
                    steps=steps,
                    tolerance=tolerance,
                    restarts=restarts,
                    generator=generator,
                )
    return network


def nested_removals(architecture: Architecture, ranked: list[Edge]) -> list[frozenset[Edge]]:
    """The first 1, 2, 3, 5, 8 … of the ranked edges with those that become useless, while an output remains."""
    found: list[frozenset[Edge]] = []
    count, following = 1, 2
    while count <= len(ranked):
        removed = closure(architecture, set(ranked[:count]))
        if removed is None:
            break
        if removed not in found:
            found.append(removed)
        count, following = following, count + following
    return found


def node_scores(network: Network, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(incoming, outgoing) score of each hidden node, (width[l],) each, one pair per hidden layer; R = 1.

    Liu et al. (2024), eq. 2.21: the largest L1 norm of the activations into, and out of, the node. Norms are
    taken about the mean, because a constant can sit on any edge of a sum.
    """
    norms = [
        (phi[0] - phi[0].mean(-1, keepdim=True)).abs().mean(-1)
        for phi in trace(network, x, slopes=False).activations
    ]
    scores = []
    for layer in range(1, network.architecture.depth):
        incoming = torch.zeros(network.architecture.width[layer], dtype=x.dtype)
        outgoing = torch.zeros_like(incoming)
        for i, (_, t) in enumerate(network.architecture.edges[layer - 1]):
            incoming[t] = torch.maximum(incoming[t], norms[layer - 1][i])
        for i, (s, _) in enumerate(network.architecture.edges[layer]):
            outgoing[s] = torch.maximum(outgoing[s], norms[layer][i])
        scores.append((incoming, outgoing))
    return scores


def edges_below(network: Network, x: Tensor, threshold: float) -> frozenset[Edge] | None:
    """Edges that score pruning removes at `threshold`, or None if that cuts off an output; R = 1.

    A hidden node whose incoming or outgoing score is below is removed with all its edges; so is a single
    edge whose own norm is below.
    """
    removed: set[Edge] = set()
    scores = node_scores(network, x)
    low = {
        (layer + 1, n)
        for layer, (incoming, outgoing) in enumerate(scores)
        for n in range(len(incoming))
        if min(float(incoming[n]), float(outgoing[n])) < threshold
    }
    activations = trace(network, x, slopes=False).activations
    for layer, pairs in enumerate(network.architecture.edges):
        for i, (s, t) in enumerate(pairs):
            phi = activations[layer][0, i]
            if (
                (layer, s) in low
                or (layer + 1, t) in low
                or float((phi - phi.mean()).abs().mean()) < threshold
            ):
                removed.add(Edge(layer, s, t))
    return closure(network.architecture, removed)
