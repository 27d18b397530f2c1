"""Refining and moving grids: the function stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture, dense
from kancli.engine.network import Network, trace
from kancli.engine.splines import spline_basis
from kancli.engine.training.grid import move_grids, node_ranges, refine_grids

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


def smooth_network(architecture: Architecture, grid: int, *, reach: float | None = None) -> Network:
    """Activations sin(1.3 x + phase), each on its node's grid as well as a spline can.

    Hidden grids are [-reach, reach], or differ from node to node and are too small for their nodes.
    """
    network = random_network(architecture, grid=grid)
    if reach is not None:
        first, *hidden = network.layers
        hidden = [
            replace(v, low=torch.full_like(v.low, -reach), high=torch.full_like(v.high, reach))
            for v in hidden
        ]
        network = replace(network, layers=(first, *hidden))
    generator = torch.Generator().manual_seed(5)
    layers = []
    unit = torch.linspace(0, 1, 8 * grid, dtype=torch.float64)
    for layer, pairs in zip(network.layers, architecture.edges, strict=True):
        c = layer.coefficients.clone()
        for r in range(network.restarts):
            for e, (s, _) in enumerate(pairs):
                low, high = (t.expand(network.restarts, -1)[r, s] for t in (layer.low, layer.high))
                x = low + (high - low) * unit
                y = torch.sin(1.3 * x + torch.rand((), generator=generator, dtype=torch.float64))
                design = spline_basis(x, low, high, grid, 3)[0].T
                c[r, e, : grid + 3] = torch.linalg.lstsq(design, y.unsqueeze(-1)).solution.squeeze(-1)
        layers.append(replace(layer, coefficients=c))
    return replace(network, layers=tuple(layers))


@EVERY
@pytest.mark.parametrize("base", ["none", "silu"])
@pytest.mark.parametrize("times", [2, 3])
def test_a_multiple_of_the_grid_keeps_the_function_exactly(
    architecture: Architecture, base: str, times: int
) -> None:
    """Between the rows and outside the grid as well, whatever the coefficients are."""
    network = random_network(architecture, base=base)
    x = inputs(network, 200, reach=3.0)
    before = network(x)
    refined = refine_grids(network, times * 4)
    assert all(layer.grid == times * 4 for layer in refined.layers)
    torch.testing.assert_close(refined(x), before, atol=1e-9, rtol=1e-9)


@EVERY
def test_any_other_grid_keeps_the_function_to_spline_accuracy(architecture: Architecture) -> None:
    """From 10 to 15 intervals: within the error that the spline of 10 has itself, which falls as G⁻⁴."""
    x = inputs(smooth_network(architecture, 10), 100, reach=1.0)

    def change(grid: int) -> float:
        network = smooth_network(architecture, grid)
        return float((refine_grids(network, grid * 3 // 2)(x) - network(x)).abs().max())

    assert change(10) < 5e-3
    assert change(40) < change(10) / 50


@EVERY
def test_moved_grids_enclose_their_nodes_and_keep_the_function(architecture: Architecture) -> None:
    network = smooth_network(architecture, 40, reach=3.5)  # at most three sines meet in a node
    x = inputs(network, 300, reach=1.0)
    moved, changed = move_grids(network, x)
    torch.testing.assert_close(moved(x), network(x), atol=1e-4, rtol=0)
    assert bool(changed.all()) == (architecture.depth > 1)
    for layer, (low, high) in zip(moved.layers[1:], node_ranges(moved, x)[1:], strict=True):
        span = high - low
        assert bool(((layer.low - low).abs() < 0.06 * span).all())
        assert bool(((layer.high - high).abs() < 0.06 * span).all())
    assert torch.equal(moved.layers[0].low, network.layers[0].low), "the inputs' grids are the data's"


def test_a_grid_follows_nodes_that_have_left_it() -> None:
    """Beyond its end the activation was a tangent; the new grid takes it over, less exactly at the kink."""
    network = smooth_network(ARCHITECTURES["three layers"], 40, reach=0.4)
    x = inputs(network, 300, reach=1.0)
    moved, changed = move_grids(network, x)
    assert bool(changed.all())
    torch.testing.assert_close(moved(x), network(x), atol=5e-3, rtol=0)


def test_grids_that_fit_are_left_alone_to_the_bit() -> None:
    network = smooth_network(ARCHITECTURES["three layers"], 20)
    x = inputs(network, 300, reach=1.0)
    moved, _ = move_grids(network, x)
    again, changed = move_grids(moved, x)
    assert not bool(changed.any())
    assert torch.equal(again.parameters(), moved.parameters())


def test_a_grid_moves_in_the_restart_that_needs_it_only() -> None:
    network = smooth_network(ARCHITECTURES["two layers"], 20)
    x = inputs(network, 300, reach=1.0)
    moved, _ = move_grids(network, x)
    layer = moved.layers[1]
    high = layer.high.clone()
    high[1, 0] += 5
    other = replace(moved, layers=(moved.layers[0], replace(layer, high=high)))
    found, changed = move_grids(other, x)
    assert changed.tolist() == [False, True]
    assert torch.equal(found.layers[1].coefficients[0], other.layers[1].coefficients[0])
    assert torch.equal(found.layers[1].low[0], layer.low[0])


@pytest.mark.parametrize("value", [0.0, 0.3, 1e6], ids=str)
def test_a_dead_node_keeps_its_grid_and_makes_no_nan(value: float) -> None:
    """A node that is constant spans nothing: a grid over its range would divide by zero."""
    network = smooth_network(dense((2, 2, 1)), 8)
    c = network.layers[0].coefficients.clone()
    c[:, [0, 2]] = value / 2  # both activations into node 0
    network = replace(network, layers=(replace(network.layers[0], coefficients=c), network.layers[1]))
    x = inputs(network, 100, reach=1.0)
    moved, _ = move_grids(network, x)
    assert bool(torch.isfinite(moved(x)).all() & torch.isfinite(moved.parameters()).all())
    assert torch.equal(moved.layers[1].low[:, 0], network.layers[1].low[:, 0])
    assert not torch.equal(moved.layers[1].low[:, 1], network.layers[1].low[:, 1])


def test_a_restart_that_has_diverged_does_not_disturb_the_others() -> None:
    network = smooth_network(ARCHITECTURES["three layers"], 8)
    c = network.layers[0].coefficients.clone()
    c[0] = torch.nan
    broken = replace(network, layers=(replace(network.layers[0], coefficients=c), *network.layers[1:]))
    x = inputs(network, 100, reach=1.0)
    moved, _ = move_grids(broken, x)
    expected, _ = move_grids(network, x)
    torch.testing.assert_close(moved(x)[1], expected(x)[1])


def test_node_ranges_are_the_extremes_over_all_rows() -> None:
    network = random_network(ARCHITECTURES["three layers"])
    x = inputs(network, 5000)  # several chunks
    for (low, high), nodes in zip(node_ranges(network, x), trace(network, x).nodes, strict=False):
        torch.testing.assert_close(low, nodes.amin(-1))
        torch.testing.assert_close(high, nodes.amax(-1))
