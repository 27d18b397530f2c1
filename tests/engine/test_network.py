"""The batched forward pass, its sensitivities, and networks as values."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from networks import ARCHITECTURES, inputs, naive_forward, random_network

from kancli.engine.architecture import Architecture, Edge, dense
from kancli.engine.network import (
    Network,
    initial_network,
    input_slopes,
    remove_edges,
    sensitivities,
    trace,
)
from kancli.engine.splines import BASES

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


def start(base: str = "none", **changes: object) -> Network:
    options = {"restarts": 3, "grid": 5, "order": 3, "noise": 0.1} | changes
    return initial_network(
        dense((2, 1, 1), (0, 2, 0)),
        torch.tensor([-1.0, 0.0], dtype=torch.float64),
        torch.tensor([1.0, 5.0], dtype=torch.float64),
        base=base,
        generator=torch.Generator().manual_seed(4),
        **options,  # type: ignore[arg-type]
    )


@EVERY
@pytest.mark.parametrize("base", BASES)
def test_forward_equals_a_loop_over_edges(architecture: Architecture, base: str) -> None:
    network = random_network(architecture, base=base)
    x = inputs(network)
    torch.testing.assert_close(network(x), naive_forward(network, x))


@pytest.mark.parametrize("order", [1, 2, 4, 5])
def test_forward_equals_a_loop_over_edges_at_every_order(order: int) -> None:
    network = random_network(ARCHITECTURES["products"], order=order)
    x = inputs(network)
    torch.testing.assert_close(network(x), naive_forward(network, x))


@EVERY
def test_a_batch_equals_its_restarts_one_by_one(architecture: Architecture) -> None:
    network = random_network(architecture, restarts=3)
    x = inputs(network)
    single = torch.cat([network.select([r])(x) for r in range(3)])
    torch.testing.assert_close(network(x), single)


@EVERY
def test_an_absent_edge_equals_an_edge_that_is_constant_at_the_nodes_neutral_element(
    architecture: Architecture,
) -> None:
    """Nought into a sum, one into a product; and the absent edge has no coefficients at all."""
    whole = random_network(architecture)
    for edge in architecture.all_edges():
        neutral = 1.0 if edge.target in architecture.products[edge.layer + 1] else 0.0
        layer = whole.layers[edge.layer]
        c = layer.coefficients.clone()
        c[:, architecture.edges[edge.layer].index((edge.source, edge.target))] = neutral
        layers = list(whole.layers)
        layers[edge.layer] = replace(layer, coefficients=c)
        constant = replace(whole, layers=tuple(layers))
        absent = remove_edges(whole, architecture.without({edge}))
        x = inputs(whole)
        torch.testing.assert_close(absent(x), constant(x))
        assert absent.size == whole.size - (layer.grid + whole.order)


@EVERY
@pytest.mark.parametrize("base", BASES)
def test_sensitivities_equal_automatic_differentiation(architecture: Architecture, base: str) -> None:
    """∂output/∂φ, found by adding a small activation of its own to each edge through its coefficients."""
    network = random_network(architecture, base=base)
    x = inputs(network, 12)
    one = torch.ones(12, dtype=torch.float64)
    found = sensitivities(network, trace(network, x), one)
    # Σ_k ∂f/∂c_k is ∂f/∂φ, because the spline's basis functions sum to one at each row.
    for row in range(12):
        theta = network.parameters().requires_grad_(True)
        f = network.with_parameters(theta)(x[:, row : row + 1])
        (gradient,) = torch.autograd.grad(f.sum(), theta)
        at = 0
        for layer, s in zip(network.layers, found, strict=True):
            _, edges, size = layer.coefficients.shape
            part = gradient[:, at : at + edges * size].reshape(-1, edges, size)
            at += edges * size
            torch.testing.assert_close(part[..., : layer.grid + 3].sum(-1), s[..., row])


@pytest.mark.parametrize("zeros", [(0,), (1,), (0, 2), (0, 1, 2)])
def test_sensitivities_at_a_product_survive_factors_that_are_zero(zeros: tuple[int, ...]) -> None:
    """With one zero factor only its own sensitivity is left, with two none is."""
    network = random_network(dense((3, 0), (0, 1)), restarts=1)
    c = network.layers[0].coefficients.clone()
    c[:, list(zeros)] = 0
    network = replace(network, layers=(replace(network.layers[0], coefficients=c),))
    x = inputs(network, 10)
    traced = trace(network, x)
    (s,) = sensitivities(network, traced, torch.ones(10, dtype=torch.float64))
    phi = traced.activations[0][0]
    for e in range(3):
        others = [i for i in range(3) if i != e]
        torch.testing.assert_close(s[0, e], phi[others].prod(0))


@EVERY
def test_input_slopes_equal_automatic_differentiation(architecture: Architecture) -> None:
    network = random_network(architecture, base="silu")
    x = inputs(network).requires_grad_(True)
    slopes = input_slopes(network, x.detach())
    for r, f in enumerate(network(x)):
        (gradient,) = torch.autograd.grad(f.sum(), x, retain_graph=True, materialize_grads=True)
        torch.testing.assert_close(slopes[r], gradient)


def test_parameters_go_out_and_in_unchanged() -> None:
    network = random_network(ARCHITECTURES["sparse"], base="silu")
    theta = network.parameters()
    assert theta.shape == (network.restarts, network.size)
    again = network.with_parameters(theta)
    assert all(
        torch.equal(a.coefficients, b.coefficients) for a, b in zip(network.layers, again.layers, strict=True)
    )
    x = inputs(network)
    assert not torch.equal(network.with_parameters(theta + 1)(x), network(x))
    assert torch.equal(network.parameters(), theta), "the first network has changed"


def test_select_takes_coefficients_and_grids_in_the_order_asked_for() -> None:
    network = random_network(ARCHITECTURES["three layers"], restarts=4)
    x = inputs(network)
    whole = network(x)
    torch.testing.assert_close(network.select([2, 0, 2])(x), whole[[2, 0, 2]])
    torch.testing.assert_close(network.select([3]).select([0, 0])(x), whole[[3, 3]])


@pytest.mark.parametrize("base", BASES)
def test_a_random_start_is_finite_differs_between_restarts_and_comes_back_with_its_seed(base: str) -> None:
    first, second = start(base), start(base)
    x = torch.stack([torch.linspace(-1, 1, 30), torch.linspace(0, 5, 30)]).double()
    f = first(x)
    assert bool(torch.isfinite(f).all())
    assert torch.equal(f, second(x))
    assert not torch.allclose(f[0], f[1])


def test_without_noise_a_start_is_made_of_lines_and_every_other_product_of_factors_about_one() -> None:
    network = start(noise=0.0)
    x = torch.stack([torch.linspace(a, b, 31, dtype=torch.float64) for a, b in ((-1, 1), (0, 5))])
    phi = trace(network, x).activations[0]
    curvature = phi.diff(n=2, dim=-1)
    torch.testing.assert_close(curvature, torch.zeros_like(curvature), atol=1e-12, rtol=0)
    middle = phi[..., 15]
    one, through_zero = torch.tensor([0.0, 1, 1, 0, 1, 1]), torch.zeros(6)
    expected = torch.stack([one, through_zero, one]).double()
    torch.testing.assert_close(middle, expected, atol=1e-12, rtol=0)


def test_an_input_without_edges_has_no_slope() -> None:
    network = random_network(ARCHITECTURES["unused input"])
    slopes = input_slopes(network, inputs(network))
    assert bool((slopes[:, 1] == 0).all())
    assert bool((slopes[:, 0] != 0).any())


def test_edges_are_found_by_their_names_after_removal() -> None:
    """The coefficients that stay are those of the edges that stay."""
    whole = random_network(dense((3, 2, 1)))
    removed = {Edge(0, 1, 0), Edge(0, 0, 1)}
    left = remove_edges(whole, whole.architecture.without(removed))
    for i, pair in enumerate(left.architecture.edges[0]):
        was = whole.architecture.edges[0].index(pair)
        assert torch.equal(left.layers[0].coefficients[:, i], whole.layers[0].coefficients[:, was])
