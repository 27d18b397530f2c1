"""The sparsity penalty of the paper: L1 norms of activations, and the entropy of their shares.

Liu et al., "KAN: Kolmogorov-Arnold Networks" (2024), eqs. 2.17-2.20: |φ|₁ is the mean of |φ(x)| over the
rows, |Φ|₁ the sum over a layer's edges, S = −Σ p log p with p = |φ|₁/|Φ|₁, and the loss gains
lamb·(Σ |Φ|₁ + lamb_entropy·Σ S). Targets are scaled to unit variance, so `lamb` means the same for any y.
"""

from __future__ import annotations

import torch
from torch import Tensor

from kancli.engine.network import Network, Trace, trace

# |φ| below this counts as this when curvature is estimated; the value itself is exact.
SMALLEST = 1e-6


def edge_norms(traced: Trace) -> list[Tensor]:
    """|φ|₁ of every edge, one (R, E_l) tensor a layer."""
    return [phi.abs().mean(-1) for phi in traced.activations]


def penalty_of(norms: list[Tensor], lamb_entropy: float) -> Tensor:
    """Σ |Φ|₁ + lamb_entropy·Σ S, (R,)."""
    total = torch.zeros(norms[0].shape[0], dtype=norms[0].dtype)
    for a in norms:
        whole = a.sum(-1)
        p = a / whole.clamp(min=torch.finfo(a.dtype).tiny).unsqueeze(-1)
        total = total + whole + lamb_entropy * torch.special.entr(p).sum(-1)
    return total


def penalty(network: Network, x: Tensor, lamb_entropy: float) -> Tensor:
    """The penalty of each restart, (R,), at rows x (inputs, N); differentiable."""
    return penalty_of(edge_norms(trace(network, x, slopes=False)), lamb_entropy)


def penalty_equations(network: Network, x: Tensor, lamb_entropy: float) -> tuple[Tensor, Tensor, Tensor]:
    """(curvature (R, P, P), descent direction (R, P), value (R,)) of the penalty, to add to normal equations.

    The gradient is exact (by automatic differentiation, since activations also depend on the layers
    before). The curvature is that of iteratively re-weighted least squares, |φ| ≤ φ²/(2|φ₀|) + |φ₀|/2:
    block-diagonal and positive, through the basis' weighted Gram matrix; an edge whose norm the entropy
    rewards contributes none.
    """
    theta = network.parameters().requires_grad_(True)
    with torch.enable_grad():
        value = penalty(network.with_parameters(theta), x, lamb_entropy)
        (gradient,) = torch.autograd.grad(value.sum(), theta)
    traced = trace(network, x, slopes=False)
    curvature = theta.new_zeros(*theta.shape, theta.shape[1]).detach()
    at = 0
    for phi, values, steps in zip(traced.activations, traced.values, traced.plans, strict=True):
        a = phi.abs().mean(-1)
        whole = a.sum(-1, keepdim=True).clamp(min=torch.finfo(a.dtype).tiny)
        share = (a / whole).clamp(min=torch.finfo(a.dtype).tiny)
        entropy = torch.special.entr(share).sum(-1, keepdim=True)
        strength = (1 - lamb_entropy * (share.log() + entropy) / whole).clamp(min=0)
        row_weight = strength.unsqueeze(-1) / (phi.abs().clamp(min=SMALLEST) * phi.shape[-1])
        b = values.index_select(1, steps.source)
        blocks = (b * row_weight.unsqueeze(2)) @ b.transpose(-1, -2).expand(len(phi), -1, -1, -1)
        size = blocks.shape[-1]
        for i in range(blocks.shape[1]):
            curvature[:, at : at + size, at : at + size] = blocks[:, i]
            at += size
    return curvature, -gradient.detach(), value.detach()
