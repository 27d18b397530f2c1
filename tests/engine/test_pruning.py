"""Removing edges: what removal means, what is ranked first, and what is left in the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture, Edge, dense
from kancli.engine.network import Network, initial_network, trace
from kancli.engine.pruning import (
    Judge,
    closure,
    edges_below,
    embed,
    nested_removals,
    node_scores,
    prune_by_refit,
    refit,
    refit_all,
    saliency,
    without_edges,
)
from kancli.engine.training.fitting import held_out_error
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


def rows(count: int, inputs_: int = 2, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(inputs_, count, generator=generator, dtype=torch.float64) * 2 - 1


def scaled(x: torch.Tensor, y: torch.Tensor) -> tuple[Problem, Problem]:
    """Rows to fit and a fifth held out, the target with mean 0 and variance 1."""
    y = (y - y.mean()) / y.std()
    cut = len(y) * 4 // 5
    return Problem(x[:, :cut].contiguous(), y[:cut]), Problem(x[:, cut:].contiguous(), y[cut:])


def trained(architecture: Architecture, problem: Problem, *, restarts: int = 6, steps: int = 40) -> Network:
    """The best of some restarts."""
    inputs_ = architecture.width[0]
    start = initial_network(
        architecture, -torch.ones(inputs_).double(), torch.ones(inputs_).double(),
        restarts=restarts, grid=5, order=3, base="none", noise=0.1,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    state = next(islice(levenberg_marquardt(start, problem, move_grid_every=4), steps, None))
    return state.network.select([int(state.sse.argmin())])


def pruned(network: Network, problem: Problem, held_out: Problem) -> Network:
    return prune_by_refit(
        network, problem, held_out, steps=15, tolerance=0.1, watch=lambda *_: None
    ).network  # fmt: skip


@EVERY
@pytest.mark.parametrize("base", ["none", "silu"])
def test_removing_an_edge_equals_holding_its_activation_at_its_mean(
    architecture: Architecture, base: str
) -> None:
    """At a sum and at a product alike: a sibling takes the constant over."""
    network = random_network(architecture, restarts=1, base=base)
    x = inputs(network, 60)
    activations = trace(network, x).activations
    for edge in architecture.all_edges():
        position = architecture.edges[edge.layer].index((edge.source, edge.target))
        if len(architecture.incoming(edge.layer + 1, edge.target)) == 1:
            continue  # nothing is left to take the constant
        layer = network.layers[edge.layer]
        c = layer.coefficients.clone()
        c[0, position] = 0
        c[0, position, : layer.grid + 3] = activations[edge.layer][0, position].mean()
        layers = list(network.layers)
        layers[edge.layer] = replace(layer, coefficients=c)
        held = replace(network, layers=tuple(layers))
        removed = without_edges(network, frozenset({edge}), x)
        assert edge not in removed.architecture.all_edges()
        torch.testing.assert_close(removed(x), held(x))


def test_a_node_that_goes_leaves_its_mean_behind() -> None:
    """All edges into a hidden node, and with them the one out of it, which is then a constant."""
    network = random_network(dense((2, 2, 1)), restarts=1)
    x = inputs(network, 60)
    removed = closure(network.architecture, {Edge(0, 0, 1), Edge(0, 1, 1)})
    assert removed == {Edge(0, 0, 1), Edge(0, 1, 1), Edge(1, 1, 0)}
    left = without_edges(network, removed, x)
    out = trace(network, x).activations[1][0]
    torch.testing.assert_close(left(x)[0], out[0] + out[1].mean())


def test_closure_takes_dead_ends_along_and_never_the_output() -> None:
    a = dense((2, 2, 1))
    assert closure(a, {Edge(1, 0, 0)}) == {Edge(0, 0, 0), Edge(0, 1, 0), Edge(1, 0, 0)}
    assert closure(a, {Edge(1, 0, 0), Edge(1, 1, 0)}) is None
    assert closure(a, {Edge(0, s, t) for s in range(2) for t in range(2)}) is None


@EVERY
def test_nested_removals_grow_and_always_leave_an_output(architecture: Architecture) -> None:
    ranked = list(architecture.all_edges())
    found = nested_removals(architecture, ranked)
    assert all(small < large for small, large in pairwise(found))
    for removed in found:
        left = architecture.without(removed)
        assert left.outputs_reached()
        assert not left.useless_edges()


@EVERY
def test_networks_without_different_edges_are_one_batch_over_the_whole(architecture: Architecture) -> None:
    """Each part predicts the same inside the batch, and what it lacks is frozen there."""
    whole = random_network(architecture, restarts=1)
    x = inputs(whole, 50)
    removals = [c for e in architecture.all_edges() if (c := closure(architecture, {e})) is not None]
    if not removals:
        pytest.skip("no edge of this architecture can go")
    parts = [without_edges(whole, removed, x) for removed in removals]
    batch, frozen = embed(parts, whole)
    torch.testing.assert_close(batch(x), torch.cat([p(x) for p in parts]))
    assert (~frozen).sum(1).tolist() == [p.size for p in parts]


def test_fitting_again_as_a_batch_equals_fitting_again_one_by_one() -> None:
    architecture = ARCHITECTURES["products"]
    whole = random_network(architecture, restarts=1)
    x = inputs(whole, 150, reach=1.0)
    problem = Problem(x, torch.sin(x.sum(0)))
    parts = [without_edges(whole, frozenset({e}), x) for e in architecture.all_edges()[:3]]
    for part, fitted in zip(parts, refit_all(parts, whole, problem, 4), strict=True):
        assert fitted.architecture == part.architecture
        alone = held_out_error(refit(part, problem, 4), problem)
        torch.testing.assert_close(held_out_error(fitted, problem), alone, rtol=1e-4, atol=0)


def test_saliency_ranks_as_the_errors_after_removal_do() -> None:
    """[4,1] is linear, so the rise of the error can be found by fitting again, and the ranking is exact."""
    x = rows(400, 4)
    y = torch.sin(3 * x[0]) + 0.3 * x[1] ** 2 + 0.05 * torch.exp(x[2])
    problem, _ = scaled(x, y + 0.01 * torch.randn(400, generator=torch.Generator().manual_seed(1)).double())
    network = trained(dense((4, 1)), problem, restarts=1, steps=20)
    edges = network.architecture.all_edges()
    parts = [without_edges(network, frozenset({e}), problem.x) for e in edges]
    errors = torch.cat([held_out_error(refit(p, problem, 20), problem) for p in parts])
    assert saliency(network, problem).argsort().tolist() == errors.argsort().tolist() == [3, 2, 1, 0]


def test_a_rise_of_the_error_counts_if_it_is_more_than_chance_and_more_than_a_trifle() -> None:
    """A paired comparison: rows that get better and rows that get worse speak against each other."""
    x = rows(400)
    network = random_network(dense((2, 1)), restarts=1)
    problem = Problem(x, network(x)[0] + 1.0)  # every squared residual is 1
    judge = Judge(network, problem, problem, steps=1, tolerance=0.02)
    generator = torch.Generator().manual_seed(0)
    chance = torch.randn(400, generator=generator, dtype=torch.float64)
    chance = (chance - chance.mean()) / chance.std() * 5
    standard_error = 5 / 20
    assert judge.no_worse(1 + chance + 0.9 * standard_error)
    assert not judge.no_worse(1 + chance + 1.1 * standard_error)
    assert judge.no_worse(torch.full((400,), 1.02**2, dtype=torch.float64) - 1e-9)
    assert not judge.no_worse(torch.full((400,), 1.02**2, dtype=torch.float64) + 1e-3)
    assert judge.no_worse(torch.zeros(400, dtype=torch.float64))


def test_a_dense_network_comes_down_to_the_exact_graph() -> None:
    """exp(sin(πx) + y²) from [2,5,1]: fifteen edges to the three that the formula has."""
    x = rows(600)
    problem, held_out = scaled(x, torch.exp(torch.sin(torch.pi * x[0]) + x[1] ** 2))
    network = trained(dense((2, 5, 1)), problem)
    seen: list[int] = []
    result = prune_by_refit(
        network, problem, held_out, steps=15, tolerance=0.1, watch=lambda _, left, e: seen.append(left)
    )
    left = result.network.architecture
    assert left.size == 3
    ((hidden, _),) = left.edges[1]
    assert left.edges[0] == ((0, hidden), (1, hidden))
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 3
    assert sum(len(removed) for removed, _ in result.rounds) == 12
    assert result.refused is not None
    assert result.refused > 10 * result.error


def test_inputs_without_influence_lose_their_edges_under_noise() -> None:
    """The held-out rows decide: what fits noise is not missed."""
    x = rows(500, 4)
    noise = torch.randn(500, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    problem, held_out = scaled(x, torch.sin(3 * x[0]) + x[2] ** 2 + 0.1 * noise)
    left = pruned(trained(dense((4, 1)), problem, restarts=1), problem, held_out).architecture
    assert left.edges == (((0, 0), (2, 0)),)


def test_pruning_never_cuts_the_output_off() -> None:
    """Pure noise: no edge is worth anything, and one path stays all the same."""
    x = rows(200)
    noise = torch.randn(200, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    problem, held_out = scaled(x, noise)
    left = pruned(trained(dense((2, 2, 1)), problem, restarts=2, steps=15), problem, held_out).architecture
    assert left.outputs_reached()
    assert not left.useless_edges()
    assert left.size < 6


def test_pruning_leaves_the_network_it_was_given_alone() -> None:
    x = rows(200)
    problem, held_out = scaled(x, torch.sin(3 * x[0]))
    network = trained(dense((2, 2, 1)), problem, restarts=2, steps=15)
    before = network.parameters()
    one, other = pruned(network, problem, held_out), pruned(network, problem, held_out)
    assert torch.equal(network.parameters(), before)
    assert torch.equal(one.parameters(), other.parameters()), "the same input, the same bits"


def with_sizes(architecture: Architecture, sizes: dict[Edge, float]) -> Network:
    """Straight lines through zero whose values reach `sizes` (0 where not named) at the ends of [-1, 1]."""
    network = random_network(architecture, restarts=1)
    layers = []
    for index, layer in enumerate(network.layers):
        c = torch.zeros_like(layer.coefficients)
        greville = (torch.arange(layer.grid + 3, dtype=torch.float64) - 1) / layer.grid * 2 - 1
        for i, (s, t) in enumerate(architecture.edges[index]):
            c[0, i] = sizes.get(Edge(index, s, t), 0.0) * greville
        end = torch.ones(1, architecture.width[index], dtype=torch.float64)
        layers.append(replace(layer, coefficients=c, low=-end, high=end))
    return replace(network, layers=tuple(layers))


def test_scores_are_the_largest_spread_into_and_out_of_a_node() -> None:
    """On rows spread evenly over [-1, 1] a line of size s has a mean deviation of s/2."""
    a = dense((1, 2, 1))
    network = with_sizes(a, {Edge(0, 0, 0): 1.0, Edge(0, 0, 1): 0.4, Edge(1, 0, 0): 0.2, Edge(1, 1, 0): 0.8})
    x = torch.linspace(-1, 1, 4001, dtype=torch.float64).unsqueeze(0)
    ((incoming, outgoing),) = node_scores(network, x)
    assert incoming.tolist() == pytest.approx([0.5, 0.2], rel=1e-3)
    assert outgoing.tolist() == pytest.approx([0.1, 0.16], rel=1e-3)  # 0.8 · 0.4 · ½


def test_score_pruning_removes_weak_nodes_with_their_edges_and_weak_edges() -> None:
    a = dense((2, 3, 1))
    sizes = dict.fromkeys(a.all_edges(), 1.0)
    sizes |= {Edge(1, 2, 0): 1e-4, Edge(0, 1, 0): 1e-4}  # node 2 leads nowhere; one edge into node 0 is weak
    removed = edges_below(with_sizes(a, sizes), rows(300), 1e-2)
    assert removed == {Edge(0, 0, 2), Edge(0, 1, 2), Edge(1, 2, 0), Edge(0, 1, 0)}


def test_a_constant_on_an_edge_does_not_count_as_influence() -> None:
    network = with_sizes(dense((2, 1)), {Edge(0, 0, 0): 1.0})
    c = network.layers[0].coefficients.clone()
    c[0, 1] += 5.0
    network = replace(network, layers=(replace(network.layers[0], coefficients=c),))
    assert edges_below(network, rows(300), 1e-2) == {Edge(0, 1, 0)}


def test_a_threshold_that_would_cut_the_output_off_is_refused() -> None:
    network = with_sizes(dense((2, 2, 1)), dict.fromkeys(dense((2, 2, 1)).all_edges(), 1.0))
    assert edges_below(network, rows(300), 1e-2) == frozenset()
    assert edges_below(network, rows(300), 10.0) is None
