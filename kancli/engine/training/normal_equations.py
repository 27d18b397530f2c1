"""The linear system behind a Gauss-Newton step, as a sum over rows.

With r = y − f(x; θ) and J = ∂f/∂θ, `gram` = JᵀWJ, `gradient` = JᵀWr and `sse` = rᵀWr. All three are sums
over rows and are computed in chunks, so memory does not grow with the data; several machines would
reduce the same sums.

The Jacobian needs no automatic differentiation: f is linear in the coefficients of one activation, so a
column is a basis function times the output's sensitivity to that activation.

Cost per row and restart: 2·P² flops for the gram; everything else is O(P).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from kancli.engine.network import Network, sensitivities, trace
from kancli.work import spend

# Rows of a chunk are chosen so that its Jacobian stays near this many bytes.
CHUNK_BYTES = 8 * 2**20
FEWEST_ROWS = 64
# Array functions called per layer and chunk, for the count of work.
CALLS_PER_LAYER = 15


def chunks(network: Network, rows: int) -> Iterator[slice]:
    """Cut `rows` into the fewest chunks whose Jacobian, R × P × rows × 8 bytes, is within `CHUNK_BYTES`.

    They are equally long except the last: an allocator reuses blocks of one size best.
    """
    most = max(FEWEST_ROWS, CHUNK_BYTES // (8 * network.restarts * (network.size + 1)))
    step = math.ceil(rows / math.ceil(rows / most)) if rows else 1
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def jacobian(network: Network, x: Tensor, root_weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """∂f/∂θ as (R, P, N), and f (R, N), both times the root of the row weights (N,) where given."""
    rows = x.shape[-1]
    traced = trace(network, x)
    start = torch.ones(rows, dtype=x.dtype) if root_weight is None else root_weight
    out = torch.empty(network.restarts, network.size, rows, dtype=x.dtype)
    at = 0
    for layer, values, s, steps in zip(
        network.layers, traced.values, sensitivities(network, traced, start), traced.plans, strict=True
    ):
        restarts, edges, size = layer.coefficients.shape
        part = out[:, at : at + edges * size]
        at += edges * size
        if steps.full:
            sources, most = steps.slots.shape
            torch.mul(
                values.unsqueeze(2),
                s.view(restarts, sources, most, 1, rows),
                out=part.view(restarts, sources, most, size, rows),
            )
        else:
            torch.mul(
                values.index_select(1, steps.source),
                s.unsqueeze(2),
                out=part.view(restarts, edges, size, rows),
            )
    f = traced.nodes[-1][:, 0]
    return out, f if root_weight is None else f * root_weight


def normal_equations(
    network: Network, x: Tensor, y: Tensor, weight: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """(gram (R, P, P), gradient (R, P), sse (R,)) of inputs x (inputs, N) and targets y (N,).

    `weight` (N,) multiplies each row's squared error.
    """
    gram = gradient = sse = None
    size = network.size
    for rows in chunks(network, x.shape[-1]):
        spend(
            network.restarts * (rows.stop - rows.start) * size * (size + 1),
            calls=CALLS_PER_LAYER * len(network.layers),
        )
        root = None if weight is None else weight[rows].sqrt()
        j, f = jacobian(network, x[:, rows], root)
        r = (y[rows] if root is None else y[rows] * root) - f
        # Seven times as fast as J·r: a row vector times Jᵀ reads J in the order in which it is stored.
        g = torch.bmm(r.unsqueeze(1), j.transpose(1, 2)).squeeze(1)
        e = (r * r).sum(-1)
        if gram is None or gradient is None or sse is None:
            gram, gradient, sse = torch.bmm(j, j.transpose(1, 2)), g, e
        else:
            gram.baddbmm_(j, j.transpose(1, 2))
            gradient += g
            sse += e
        del j  # before the next chunk makes its own
    if gram is None or gradient is None or sse is None:
        raise ValueError("no rows")
    return gram, gradient, sse


def squared_error(network: Network, x: Tensor, y: Tensor, weight: Tensor | None = None) -> Tensor:
    """Σ w (y − f)² of each restart, (R,), over chunks of rows."""
    total = torch.zeros(network.restarts, dtype=x.dtype)
    for rows in chunks(network, x.shape[-1]):
        r = y[rows] - network(x[:, rows])
        total += (r * r if weight is None else r * r * weight[rows]).sum(-1)
    return total
