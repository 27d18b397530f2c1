"""Sum nodes that only multiply: found, and replaced by a node that says so."""

from __future__ import annotations

from itertools import islice

import torch
from networks import inputs, random_network

from kancli.engine.architecture import Edge, dense
from kancli.engine.network import initial_network, trace
from kancli.engine.products import Group, alternatives, groups, started, straightened
from kancli.engine.pruning import multiply_where_possible, prune_by_refit
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt


def test_a_group_is_sum_nodes_over_the_same_two_nodes_into_one_sum() -> None:
    assert groups(dense((2, 2, 1))) == [Group(1, (0, 1), (0, 1), 0)]
    assert groups(dense((2, 1, 1))) == [], "one node is no group"
    assert groups(dense((3, 2, 1))) == [], "three sources are more than two factors"
    assert groups(dense((2, 2, 2))) == [], "each node feeds two others"
    assert groups(dense((2, 0, 1), (0, 2, 0))) == [], "they multiply already"
    assert groups(dense((2, 2, 0), (0, 0, 1))) == [], "what they feed multiplies"


def test_alternatives_are_a_product_alone_and_a_product_with_a_sum_beside_it() -> None:
    a = dense((2, 3, 1))
    (group,) = groups(a)
    (alone, no_edge), (beside, straight) = alternatives(a, group)
    assert alone.products == beside.products == (frozenset(), frozenset({0}), frozenset())
    assert alone.edges == (((0, 0), (1, 0)), ((0, 0),))
    assert no_edge is None
    assert beside.edges == (((0, 0), (0, 1), (1, 0), (1, 1)), ((0, 0), (1, 0)))
    assert straight == Edge(1, 1, 0)


def test_a_straightened_activation_is_the_identity_and_frozen() -> None:
    """Inside its grid and beyond it."""
    network = random_network(dense((2, 2, 1)), base="silu")
    found, frozen = straightened(network, Edge(1, 1, 0))
    traced = trace(found, inputs(network, 100, reach=2.0))
    torch.testing.assert_close(traced.activations[1][:, 1], traced.nodes[1][:, 1])
    assert int(frozen.sum()) == network.restarts * network.layers[1].coefficients.shape[2]
    moved = found.with_parameters(torch.where(frozen, found.parameters(), 0.0))
    assert torch.equal(moved.layers[1].coefficients[:, 1], found.layers[1].coefficients[:, 1])


def test_an_alternative_starts_from_the_network_outside_the_group() -> None:
    a = dense((2, 2, 1, 1))
    network = random_network(a, restarts=1)
    (group,) = groups(a)
    architecture, _ = next(alternatives(a, group))
    start = started(network, architecture, group, 5, torch.Generator().manual_seed(0))
    assert start.restarts == 5
    outer = start.layers[2].coefficients
    assert torch.equal(outer, network.layers[2].coefficients.expand_as(outer))
    inner = start.layers[0].coefficients
    assert not torch.allclose(inner[0], inner[1])


def test_a_product_of_factors_that_change_sign_becomes_a_product_node() -> None:
    """sin(2x)·y: sums need two squares for it, six edges; a product node needs its two factors and an edge."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(2, 500, generator=generator, dtype=torch.float64) * 2 - 1
    y = torch.sin(2 * x[0]) * x[1]
    y = (y - y.mean()) / y.std()
    problem, held_out = Problem(x[:, :400].contiguous(), y[:400]), Problem(x[:, 400:].contiguous(), y[400:])
    end = torch.ones(2, dtype=torch.float64)
    start = initial_network(
        dense((2, 3, 1)), -end, end, restarts=6, grid=5, order=3, base="none", noise=0.1, generator=generator
    )
    state = next(islice(levenberg_marquardt(start, problem, move_grid_every=4), 40, None))
    dense_fit = state.network.select([int(state.sse.argmin())])
    sums = prune_by_refit(
        dense_fit, problem, held_out, steps=15, tolerance=0.1, watch=lambda *_: None
    ).network  # fmt: skip
    assert not any(sums.architecture.products)
    assert sums.architecture.size > 3
    found = multiply_where_possible(
        sums, problem, held_out, steps=15, tolerance=0.1, restarts=4, generator=generator
    )
    assert found.architecture.size == 3
    ((_, node),) = found.architecture.edges[0][:1]
    assert found.architecture.products[1] == {node}
    factors = trace(found, held_out.x).activations[0][0]
    for phi, truth in zip(factors, (torch.sin(2 * held_out.x[0]), held_out.x[1]), strict=True):
        together = torch.stack([phi, truth])
        assert float(torch.corrcoef(together)[0, 1].abs()) > 0.999


def test_a_sum_stays_a_sum() -> None:
    """Two hidden sums that are needed as sums: no product node fits as well, so nothing changes."""
    x = torch.rand(2, 400, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    truth = random_network(dense((2, 2, 1)), restarts=1)
    problem = Problem(x, truth(x)[0])
    fitted = next(islice(levenberg_marquardt(truth, problem, move_grid_every=4), 5, None)).network
    found = multiply_where_possible(
        fitted,
        problem,
        problem,
        steps=10,
        tolerance=0.1,
        restarts=4,
        generator=torch.Generator().manual_seed(0),
    )
    assert found is fitted
