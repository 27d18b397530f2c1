"""Graphs: equal to the network they are made from, and differentiated exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from graphs import elementary, graph, numeric_jacobian, rows

from kancli.engine.architecture import Architecture, Edge, dense
from kancli.engine.network import Layer, Network, trace
from kancli.symbolic.graph.graph import forward, graph_of, linearise, predict, renumbered

SHAPES = {
    "sums": dense((3, 3, 1)),
    "deep": dense((2, 2, 2, 1)),
    "products": dense((3, 1, 1), (0, 2, 0)),
    "product output": dense((2, 2, 0), (0, 0, 1)),
    "pruned": dense((3, 3, 1)).without({Edge(0, 0, 1), Edge(0, 1, 1), Edge(0, 2, 1), Edge(1, 1, 0)}),
    "unused input": dense((3, 2, 1)).without({Edge(0, 1, 0), Edge(0, 1, 1)}),
}


def network_of(architecture: Architecture, base: str = "none", order: int = 3) -> Network:
    generator = torch.Generator().manual_seed(4)
    layers = []
    for index, pairs in enumerate(architecture.edges):
        size = 4 + order + (base != "none")
        coefficients = torch.randn(1, len(pairs), size, generator=generator, dtype=torch.float64)
        reach = 1 + torch.rand(1, architecture.width[index], generator=generator, dtype=torch.float64)
        layers.append(Layer(coefficients, -reach, reach, 4))
    return Network(architecture, tuple(layers), order, base)


@pytest.mark.parametrize("base", ["none", "silu"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_graph_predicts_what_its_network_does(shape: str, base: str) -> None:
    network, x = network_of(SHAPES[shape], base), rows(SHAPES[shape].width[0], low=-2, high=2)
    wanted = trace(network, torch.from_numpy(x)).nodes[-1][0, 0].numpy()
    np.testing.assert_allclose(predict(graph_of(network), x), wanted, rtol=1e-11, atol=1e-11)


def test_nodes_without_edges_are_left_out_and_inputs_never() -> None:
    made = graph_of(network_of(SHAPES["pruned"]))
    assert (made.inputs, made.nodes) == (3, 3 + 2 + 1)
    assert graph_of(network_of(SHAPES["unused input"])).inputs == 3


def test_every_edge_remembers_which_edge_of_the_network_it_was() -> None:
    shape = SHAPES["pruned"]
    assert {e.origin for e in graph_of(network_of(shape)).edges} == {(e,) for e in shape.all_edges()}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_jacobian_is_that_of_finite_differences(shape: str) -> None:
    made, x = graph_of(network_of(SHAPES[shape])), rows(SHAPES[shape].width[0], count=40)
    _, sensitivity, jacobians = linearise(made, x)
    edges = forward(made, x)[1]
    for i, edge in enumerate(made.edges):

        def output(theta: np.ndarray, i: int = i) -> np.ndarray:
            return predict(made.with_curves({i: made.edges[i].curve.with_parameters(theta)}), x)

        numeric = numeric_jacobian(output, edge.curve.parameters())
        np.testing.assert_allclose(jacobians[i], numeric, atol=2e-6, rtol=2e-5)
        assert edges[i].shape == sensitivity[i].shape == (40,)


def test_the_jacobian_of_functions_and_products_of_them_is_right() -> None:
    # y = exp(0.3·((2x)² · sin(z + 0.1))) with a product node in the middle
    made = graph(
        2,
        [
            (0, 2, elementary("x^2", c=4.0)),
            (1, 2, elementary("sin", b=0.1)),
            (2, 3, elementary("exp", a=0.3)),
        ],
        products=[2],
    )
    x = rows(2, count=50)
    output, _, jacobians = linearise(made, x)
    np.testing.assert_allclose(output, np.exp(0.3 * 4 * x[0] ** 2 * np.sin(x[1] + 0.1)), rtol=1e-12)
    for i, edge in enumerate(made.edges):

        def shifted(theta: np.ndarray, i: int = i) -> np.ndarray:
            return predict(made.with_curves({i: made.edges[i].curve.with_parameters(theta)}), x)

        numeric = numeric_jacobian(shifted, edge.curve.parameters())
        np.testing.assert_allclose(jacobians[i], numeric, atol=1e-7)


def test_the_sensitivity_of_an_edge_is_what_a_shift_of_it_does() -> None:
    made = graph(2, [(0, 2, elementary("x^2", d=0.2)), (1, 2, elementary("x")), (2, 3, elementary("sin"))])
    x, h = rows(2), 1e-6
    _, sensitivity, _ = linearise(made, x)
    for i in (0, 1, 2):
        c = made.edges[i].curve
        theta = c.parameters()
        up = predict(
            made.with_curves({i: c.with_parameters(theta + h * (np.arange(len(theta)) == len(theta) - 1))}), x
        )
        np.testing.assert_allclose((up - predict(made, x)) / h, sensitivity[i], atol=1e-5)


def test_renumbering_drops_untouched_nodes_and_keeps_the_function() -> None:
    made = graph(
        2,
        [
            (0, 2, elementary("x")),
            (1, 3, elementary("x^2")),
            (3, 4, elementary("sin")),
            (2, 4, elementary("x")),
        ],
    )
    kept = [e for e in made.edges if e.source not in (1, 3)]
    smaller = renumbered(made, kept, set())
    x = rows(2)
    assert smaller.nodes == 4
    np.testing.assert_allclose(predict(smaller, x), x[0])
