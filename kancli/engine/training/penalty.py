"""The sparsity penalty of the paper: L1 norms of activations, and the entropy of their shares.

Liu et al., "KAN: Kolmogorov-Arnold Networks" (2024), eqs. 2.17-2.20: |φ|₁ is the mean of |φ(x)| over the
rows, |Φ|₁ the sum over a layer's edges, S = −Σ p log p with p = |φ|₁/|Φ|₁, and the loss gains
lamb·(Σ |Φ|₁ + lamb_entropy·Σ S). Targets are scaled to unit variance, so `lamb` means the same for any y.
"""

from __future__ import annotations

import torch
from torch import Tensor

from kancli.engine.network import Network, Trace, trace
from kancli.engine.training.normal_equations import chunks

# |φ| below this counts as this when curvature is estimated; the value itself is exact.
SMALLEST = 1e-6
# A share that is exactly zero would have an infinite slope of its entropy.
TINY = torch.finfo(torch.float64).tiny


def edge_norms(traced: Trace) -> list[Tensor]:
    """|φ|₁ of every edge, one (R, E_l) tensor per layer."""
    return [phi.abs().mean(-1) for phi in traced.activations]


def shares(norms: Tensor) -> tuple[Tensor, Tensor]:
    """|φ|₁/|Φ|₁ of a layer's edges, (R, E_l), and |Φ|₁ (R, 1)."""
    whole = norms.sum(-1, keepdim=True)
    return (norms / whole.clamp(min=TINY)).clamp(min=TINY), whole


def penalty_of(norms: list[Tensor], lamb_entropy: float) -> Tensor:
    """Σ |Φ|₁ + lamb_entropy·Σ S, (R,)."""
    total = torch.zeros(norms[0].shape[0], dtype=norms[0].dtype)
    for a in norms:
        p, whole = shares(a)
        total = total + whole.squeeze(-1) + lamb_entropy * torch.special.entr(p).sum(-1)
    return total


def penalty_slopes(norms: list[Tensor], lamb_entropy: float) -> list[Tensor]:
    """∂penalty/∂|φ|₁ of every edge, one (R, E_l) tensor per layer."""
    slopes = []
    for a in norms:
        p, whole = shares(a)
        entropy = torch.special.entr(p).sum(-1, keepdim=True)
        slopes.append(1 - lamb_entropy * (p.log() + entropy) / whole.clamp(min=SMALLEST))
    return slopes


def penalty(network: Network, x: Tensor, lamb_entropy: float) -> Tensor:
    """The penalty of each restart, (R,), at rows x (inputs, N); differentiable."""
    return penalty_of(edge_norms(trace(network, x, slopes=False)), lamb_entropy)


def penalty_equations(network: Network, x: Tensor, lamb_entropy: float) -> tuple[Tensor, Tensor, Tensor]:
    """(curvature (R, P, P), descent direction (R, P), value (R,)) of the penalty, to add to normal equations.

    The gradient is exact (by automatic differentiation, since activations also depend on the layers
    before). The curvature is that of iteratively re-weighted least squares, |φ| ≤ φ²/(2|φ₀|) + |φ₀|/2:
    block-diagonal and positive, through the basis' weighted Gram matrix; an edge whose norm the entropy
    rewards contributes none. Two passes over chunks of rows: the norms first, since the entropy's slope
    needs all of them, then sums over rows.
    """
    rows = x.shape[-1]
    norms = [torch.zeros(layer.coefficients.shape[:2], dtype=x.dtype) for layer in network.layers]
    for part in chunks(network, rows):
        for norm, phi in zip(norms, trace(network, x[:, part], slopes=False).activations, strict=True):
            norm += phi.abs().sum(-1) / rows
    slopes = penalty_slopes(norms, lamb_entropy)
    theta = network.parameters().requires_grad_(True)
    gradient = torch.zeros_like(theta)
    curvature = x.new_zeros(*theta.shape, theta.shape[1])
    for part in chunks(network, rows):
        with torch.enable_grad():
            traced = trace(network.with_parameters(theta), x[:, part], slopes=False)
            value = x.new_zeros(())
            for slope, phi in zip(slopes, traced.activations, strict=True):
                value = value + (slope.unsqueeze(-1) * phi.abs()).sum() / rows
            gradient += torch.autograd.grad(value, theta)[0]
        add_curvature(curvature, traced, slopes, rows)
    return curvature, -gradient, penalty_of(norms, lamb_entropy)


def add_curvature(curvature: Tensor, traced: Trace, slopes: list[Tensor], rows: int) -> None:
    """Add some rows' share of the blocks, one per edge, to `curvature` (R, P, P)."""
    at = 0
    for slope, phi, values, steps in zip(
        slopes, traced.activations, traced.values, traced.plans, strict=True
    ):
        size = phi.detach().abs().clamp(min=SMALLEST)
        row_weight = slope.clamp(min=0).unsqueeze(-1) / (size * rows)
        b = values.detach().index_select(1, steps.source)
        blocks = (b * row_weight.unsqueeze(2)) @ b.transpose(-1, -2).expand(len(phi), -1, -1, -1)
        k = blocks.shape[-1]
        for i in range(blocks.shape[1]):
            curvature[:, at : at + k, at : at + k] += blocks[:, i]
            at += k
