"""The sparsity penalty against its formula, its gradient, and what it is for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture
from kancli.engine.network import trace
from kancli.engine.training import normal_equations as module
from kancli.engine.training.penalty import penalty, penalty_equations

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


@EVERY
def test_penalty_equals_the_papers_formula(architecture: Architecture) -> None:
    """Σ |Φ|₁ + λ·Σ S with |φ|₁ the mean size of an activation and S the entropy of the shares in a layer."""
    network = random_network(architecture)
    x = inputs(network)
    traced = trace(network, x)
    found = penalty(network, x, 2.0)
    for r in range(network.restarts):
        total = 0.0
        for activations in traced.activations:
            norms = np.abs(activations[r].numpy()).mean(1)
            share = norms / norms.sum()
            total += norms.sum() - 2.0 * (share * np.log(share)).sum()
        assert float(found[r]) == pytest.approx(total, rel=1e-12)


@EVERY
@pytest.mark.parametrize("base", ["none", "silu"])
def test_equations_hold_the_gradient_of_automatic_differentiation(
    architecture: Architecture, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """… although they are summed over chunks of rows, which the entropy of the shares is not."""
    monkeypatch.setattr(module, "CHUNK_BYTES", 1)
    monkeypatch.setattr(module, "FEWEST_ROWS", 7)
    network = random_network(architecture, base=base)
    x = inputs(network)
    theta = network.parameters().requires_grad_(True)
    value = penalty(network.with_parameters(theta), x, 2.0)
    (gradient,) = torch.autograd.grad(value.sum(), theta)
    _, descent, found = penalty_equations(network, x, 2.0)
    torch.testing.assert_close(descent, -gradient)
    torch.testing.assert_close(found, value.detach())


@EVERY
@pytest.mark.parametrize("lamb_entropy", [0.0, 2.0])
def test_curvature_is_symmetric_and_positive_semidefinite(
    architecture: Architecture, lamb_entropy: float
) -> None:
    network = random_network(architecture, base="silu")
    curvature, _, _ = penalty_equations(network, inputs(network), lamb_entropy)
    torch.testing.assert_close(curvature, curvature.transpose(1, 2))
    eigenvalues = torch.linalg.eigvalsh(curvature)
    assert float(eigenvalues.min()) > -1e-12 * float(eigenvalues.max())


def test_curvature_makes_a_parabola_that_is_never_below_the_norm() -> None:
    """|φ| ≤ φ²/(2|φ₀|) + |φ₀|/2: in one layer and without entropy the model bounds the penalty."""
    network = random_network(ARCHITECTURES["one layer"], restarts=1)
    x = inputs(network)
    curvature, descent, value = penalty_equations(network, x, 0.0)
    generator = torch.Generator().manual_seed(3)
    theta = network.parameters()
    touches = []
    for size in np.geomspace(1e-4, 10, 40):
        delta = size * torch.randn(theta.shape, generator=generator, dtype=torch.float64)
        model = value - (descent * delta).sum(1) + (delta @ curvature[0] * delta).sum(1) / 2
        truth = penalty(network.with_parameters(theta + delta), x, 0.0)
        assert float(truth - model) < 1e-12
        touches.append(float(model - truth))
    assert touches[0] < 1e-5, "the parabola should touch where it was drawn"


@pytest.mark.parametrize("lamb_entropy", [0.0, 2.0])
def test_edges_that_are_zero_have_a_finite_penalty_and_gradient(lamb_entropy: float) -> None:
    """One edge zero, then all of a layer: shares of nought, and the logarithm of nought."""
    network = random_network(ARCHITECTURES["two layers"])
    for zero in (slice(0, 1), slice(None)):
        c = network.layers[0].coefficients.clone()
        c[:, zero] = 0
        dead = replace(network, layers=(replace(network.layers[0], coefficients=c), network.layers[1]))
        x = inputs(dead)
        theta = dead.parameters().requires_grad_(True)
        value = penalty(dead.with_parameters(theta), x, lamb_entropy)
        (gradient,) = torch.autograd.grad(value.sum(), theta)
        assert bool(torch.isfinite(value).all() & torch.isfinite(gradient).all())
        for t in penalty_equations(dead, x, lamb_entropy):
            assert bool(torch.isfinite(t).all())


def test_entropy_prefers_one_large_edge_to_many_small_ones() -> None:
    """At the same L1 norm, as it should be for sparsity."""
    network = random_network(ARCHITECTURES["one layer"], restarts=2)
    x = inputs(network)
    even = torch.ones_like(network.layers[0].coefficients)
    even[1, 0], even[1, 1:] = 3.0, 0.0
    both = replace(network, layers=(replace(network.layers[0], coefficients=even),))
    l1 = penalty(both, x, 0.0)
    assert float(l1[0]) == pytest.approx(float(l1[1]))
    with_entropy = penalty(both, x, 1.0)
    assert float(with_entropy[0] - l1[0]) == pytest.approx(np.log(3))
    assert float(with_entropy[1] - l1[1]) == pytest.approx(0)
