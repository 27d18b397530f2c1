"""The Jacobian against automatic differentiation, and sums over chunks against the whole."""

from __future__ import annotations

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture
from kancli.engine.network import Network
from kancli.engine.splines import BASES
from kancli.engine.training import normal_equations as module
from kancli.engine.training.normal_equations import chunks, jacobian, normal_equations, squared_error

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


def autograd_jacobian(network: Network, x: torch.Tensor) -> torch.Tensor:
    """(R, P, N), a row at a time."""
    theta = network.parameters().requires_grad_(True)
    f = network.with_parameters(theta)(x)
    columns = [torch.autograd.grad(f[:, n].sum(), theta, retain_graph=True)[0] for n in range(f.shape[1])]
    return torch.stack(columns, dim=-1)


@EVERY
@pytest.mark.parametrize("base", BASES)
def test_jacobian_equals_automatic_differentiation(architecture: Architecture, base: str) -> None:
    network = random_network(architecture, base=base)
    x = inputs(network, 15)
    j, f = jacobian(network, x)
    torch.testing.assert_close(j, autograd_jacobian(network, x))
    torch.testing.assert_close(f, network(x))


@pytest.mark.parametrize("order", [1, 2, 4, 5])
def test_jacobian_equals_automatic_differentiation_at_every_order(order: int) -> None:
    network = random_network(ARCHITECTURES["sparse products"], order=order, base="silu")
    x = inputs(network, 15)
    torch.testing.assert_close(jacobian(network, x)[0], autograd_jacobian(network, x))


@EVERY
@pytest.mark.parametrize("weighted", [False, True])
def test_equations_over_chunks_equal_their_definition(
    architecture: Architecture, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JᵀWJ, JᵀWr and rᵀWr; the rows do not divide evenly into the chunks."""
    monkeypatch.setattr(module, "CHUNK_BYTES", 1)
    monkeypatch.setattr(module, "FEWEST_ROWS", 7)
    network = random_network(architecture)
    x = inputs(network, 40)
    generator = torch.Generator().manual_seed(2)
    y = torch.randn(40, generator=generator, dtype=torch.float64)
    weight = torch.rand(40, generator=generator, dtype=torch.float64) if weighted else None
    w = torch.ones(40, dtype=torch.float64) if weight is None else weight
    assert len(list(chunks(network, 40))) > 1
    gram, gradient, sse = normal_equations(network, x, y, weight)
    j = autograd_jacobian(network, x)
    r = y - network(x)
    torch.testing.assert_close(gram, (j * w) @ j.transpose(1, 2))
    torch.testing.assert_close(gradient, (j @ (w * r).unsqueeze(-1)).squeeze(-1))
    torch.testing.assert_close(sse, (w * r * r).sum(-1))
    torch.testing.assert_close(squared_error(network, x, y, weight), sse)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 1000, 12_345])
def test_chunks_cover_every_row_once_and_are_equally_long(rows: int) -> None:
    network = random_network(ARCHITECTURES["two layers"], restarts=8)
    found = list(chunks(network, rows))
    assert [i for part in found for i in range(part.start, part.stop)] == list(range(rows))
    lengths = [part.stop - part.start for part in found]
    assert max(lengths[:-1], default=lengths[0]) - lengths[-1] < len(found)
    assert max(lengths) * 8 * network.restarts * network.size <= module.CHUNK_BYTES


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    network = random_network(ARCHITECTURES["products"])
    x = inputs(network, 10)
    y = x[0]
    weight = torch.ones(10, dtype=torch.float64)
    weight[3] = 2
    twice = torch.cat([x, x[:, 3:4]], dim=1)
    for one, other in zip(
        normal_equations(network, x, y, weight),
        normal_equations(network, twice, torch.cat([y, y[3:4]])),
        strict=True,
    ):
        torch.testing.assert_close(one, other)


def test_no_rows_are_refused() -> None:
    network = random_network(ARCHITECTURES["one layer"])
    with pytest.raises(ValueError, match="no rows"):
        normal_equations(network, torch.empty(3, 0).double(), torch.empty(0).double())
