"""Which edges lead from an input to the output."""

from __future__ import annotations

from itertools import combinations

import pytest

from kancli.engine.architecture import Architecture, Edge, dense


def test_dense_has_every_edge_sorted_and_products_last() -> None:
    a = dense((2, 1, 1), (0, 2, 0))
    assert a.width == (2, 3, 1)
    assert a.products == (frozenset(), frozenset({1, 2}), frozenset())
    assert a.edges == (((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)), ((0, 0), (1, 0), (2, 0)))
    assert a.size == len(a.all_edges()) == 9
    assert a.incoming(1, 1) == (1, 4)


def on_a_path(a: Architecture, edge: Edge) -> bool:
    """Whether some input reaches the output through the edge, by walking."""

    def reached(layer: int, node: int) -> bool:
        return layer == 0 or any(t == node and reached(layer - 1, s) for s, t in a.edges[layer - 1])

    def leads(layer: int, node: int) -> bool:
        return layer == a.depth or any(s == node and leads(layer + 1, t) for s, t in a.edges[layer])

    return reached(edge.layer, edge.source) and leads(edge.layer + 1, edge.target)


def test_useless_edges_are_those_on_no_path_whatever_is_removed() -> None:
    whole = dense((2, 2, 2, 1))
    for count in range(4):
        for removed in combinations(whole.all_edges(), count):
            left = whole.without(set(removed))
            expected = {e for e in left.all_edges() if not on_a_path(left, e)}
            assert left.useless_edges() == expected
            assert left.outputs_reached() == (len(expected) < left.size)


def test_without_keeps_the_nodes_and_the_order() -> None:
    left = dense((2, 2, 1)).without({Edge(0, 0, 1), Edge(1, 0, 0)})
    assert left.width == (2, 2, 1)
    assert left.edges == (((0, 0), (1, 0), (1, 1)), ((1, 0),))


@pytest.mark.parametrize(
    ("width", "products", "edges"),
    [
        ((2,), (frozenset(),), ()),
        ((2, 0), (frozenset(), frozenset()), ((),)),
        ((1, 1), (frozenset(),), (((0, 0),),)),
        ((2, 1), (frozenset(), frozenset()), (((1, 0), (0, 0)),)),
        ((1, 1), (frozenset(), frozenset()), (((0, 0), (0, 0)),)),
    ],
    ids=["one layer of nodes", "no node", "products missing", "unsorted", "twice"],
)
def test_what_is_no_network_is_refused(
    width: tuple[int, ...],
    products: tuple[frozenset[int], ...],
    edges: tuple[tuple[tuple[int, int], ...], ...],
) -> None:
    with pytest.raises(ValueError, match=r"layer|edges"):
        Architecture(width, products, edges)
