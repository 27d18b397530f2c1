"""Networks as named tensors and a description, to the bit."""

from __future__ import annotations

import json

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture
from kancli.engine.splines import BASES
from kancli.engine.state import from_state, to_state

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


@EVERY
@pytest.mark.parametrize("base", BASES)
def test_a_network_comes_back_to_the_bit(architecture: Architecture, base: str) -> None:
    network = random_network(architecture, restarts=1, base=base, order=2)
    tensors, description = to_state(network)
    again = from_state(tensors, json.loads(json.dumps(description)))
    x = inputs(network)
    assert again.architecture == architecture
    assert torch.equal(again.parameters(), network.parameters())
    assert torch.equal(again(x), network(x))


def test_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="2"):
        to_state(random_network(ARCHITECTURES["one layer"], restarts=2))


@pytest.mark.parametrize("name", ["layers.0.coefficients", "layers.1.low", "layers.1.high"])
def test_tensors_that_do_not_fit_the_description_are_refused(name: str) -> None:
    tensors, description = to_state(random_network(ARCHITECTURES["two layers"], restarts=1))
    with pytest.raises(ValueError, match="shape"):
        from_state({**tensors, name: tensors[name][:-1]}, description)
    del tensors[name]
    with pytest.raises(KeyError, match=name):
        from_state(tensors, description)


def test_edges_that_are_not_sorted_are_refused() -> None:
    """Coefficients stand in the order of the edges, so another order would mix them up in silence."""
    tensors, description = to_state(random_network(ARCHITECTURES["two layers"], restarts=1))
    description["edges"][0].reverse()
    with pytest.raises(ValueError, match="sorted"):
        from_state(tensors, description)
