"""First layers in which groups of inputs share a node."""

from __future__ import annotations

import torch

from kancli.engine.architecture import dense
from kancli.engine.merging import merged, with_identities
from kancli.engine.network import initial_network, trace

LOW, HIGH = torch.tensor([1.0, -2.0, 0.0, 3.0]).double(), torch.tensor([2.0, 2.0, 5.0, 4.0]).double()
GROUPS = [[0, 2]]


def network() -> object:
    return initial_network(
        merged(dense((4, 3, 2, 1)), GROUPS),
        LOW,
        HIGH,
        restarts=1,
        grid=4,
        order=3,
        base="none",
        noise=0.1,
        generator=torch.Generator().manual_seed(0),
    )


def rows() -> torch.Tensor:
    unit = torch.rand(4, 30, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return LOW.unsqueeze(1) + (HIGH - LOW).unsqueeze(1) * unit


def test_a_group_has_the_first_node_and_every_other_input_its_own() -> None:
    assert merged(dense((4, 3, 1)), GROUPS).edges[0] == ((0, 0), (1, 1), (2, 0), (3, 2))


def test_inputs_of_no_group_are_handed_on_as_straight_lines_and_stay_so() -> None:
    found, frozen = with_identities(network(), GROUPS)  # type: ignore[arg-type]
    x = rows()
    nodes = trace(found, x).nodes[1][0]
    for node, i in ((1, 1), (2, 3)):
        middle, half = (LOW[i] + HIGH[i]) / 2, (HIGH[i] - LOW[i]) / 2
        assert torch.allclose(nodes[node], (x[i] - middle) / half, atol=1e-13)
    assert int(frozen.sum()) == 2 * (4 + 3)
