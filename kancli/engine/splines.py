"""B-spline bases on uniform grids, with a linear extension outside.

A spline of order k (polynomial degree; textbooks call k + 1 the order) on a grid of G intervals over
[low, high] has G + k basis functions, of which k + 1 are non-zero at any point. Knots are uniform and
extend k intervals beyond either end, as in Liu et al., "KAN: Kolmogorov-Arnold Networks" (2024), §2.2.
Outside the grid a basis function continues with its value and slope at the end, so that a trained
spline extrapolates linearly instead of dropping to zero.
"""

from __future__ import annotations

import torch
from torch import Tensor


def local_weights(t: Tensor, order: int) -> tuple[Tensor, Tensor]:
    """Values and derivatives of the order + 1 uniform B-splines that are non-zero on one interval.

    `t` (…, N) in [0, 1] is the position inside the interval. Both results are (…, order + 1, N); the
    derivative is with respect to t. De Boor, "A Practical Guide to Splines" (1978), ch. X, for unit
    knot spacing; the cubic is written out because it is the default and on the critical path.
    """
    if order == 3:
        s, t2 = 1 - t, t * t
        s2 = s * s
        values = torch.stack(
            [s2 * s / 6, (t2 * (t / 2 - 1)) + 2 / 3, (s2 * (s / 2 - 1)) + 2 / 3, t2 * t / 6], dim=-2
        )
        slopes = torch.stack([s2 / -2, t * (1.5 * t - 2), s * (2 - 1.5 * s), t2 / 2], dim=-2)
        return values, slopes
    values = torch.ones_like(t).unsqueeze(-2)
    lower = values
    for j in range(1, order + 1):
        lower = values
        i = torch.arange(j + 1, dtype=t.dtype, device=t.device).unsqueeze(-1)
        zero = torch.zeros_like(lower[..., :1, :])
        from_left = torch.cat([zero, lower], dim=-2) * ((t.unsqueeze(-2) + j - i) / j)
        from_right = torch.cat([lower, zero], dim=-2) * ((i + 1 - t.unsqueeze(-2)) / j)
        values = from_left + from_right
    zero = torch.zeros_like(lower[..., :1, :])
    return values, torch.cat([zero, lower], dim=-2) - torch.cat([lower, zero], dim=-2)


def spline_basis(x: Tensor, low: Tensor, high: Tensor, grid: int, order: int) -> tuple[Tensor, Tensor]:
    """All basis functions and their derivatives at x.

    `x` (…, N); `low`, `high` broadcast to (…). Returns two tensors (…, grid + order, N): B and dB/dx.
    """
    low, width = low.unsqueeze(-1), (high - low).unsqueeze(-1)
    u = (x - low) * (grid / width)
    inside = u.clamp(0, grid)
    # A value that is not a number has no cell; in cell 0 it stays NaN, and the other restarts go on.
    cell = inside.floor().clamp_(max=grid - 1).nan_to_num_(0.0)
    weights, slopes = local_weights(inside - cell, order)
    outside = u - inside
    if bool((outside != 0).any()):  # the tangent at the end; while training, most often no row needs it
        weights = weights + slopes * outside.unsqueeze(-2)
    slopes = slopes * (grid / width).unsqueeze(-2)
    index = cell.to(torch.int64).unsqueeze(-2) + torch.arange(order + 1, device=x.device).unsqueeze(-1)
    shape = (*u.shape[:-1], grid + order, u.shape[-1])
    index = index.expand(*u.shape[:-1], order + 1, u.shape[-1])
    values = torch.zeros(shape, dtype=x.dtype, device=x.device).scatter_(-2, index, weights)
    derivatives = torch.zeros(shape, dtype=x.dtype, device=x.device).scatter_(-2, index, slopes)
    return values, derivatives


BASES = ("none", "silu", "identity")


def base_function(x: Tensor, base: str) -> tuple[Tensor, Tensor]:
    """b(x) and b'(x) of the residual activation w_b·b(x) + w_s·spline(x), each shaped like x."""
    if base == "silu":
        s = torch.sigmoid(x)
        return x * s, s * (1 + x * (1 - s))
    if base == "identity":
        return x, torch.ones_like(x)
    raise ValueError(f"unknown base function {base!r}")


def basis(x: Tensor, low: Tensor, high: Tensor, grid: int, order: int, base: str) -> tuple[Tensor, Tensor]:
    """Spline basis, followed by the base function as one more row unless `base` is "none".

    With K = grid + order (+ 1), returns two tensors (…, K, N): values and derivatives. An activation is
    linear in its K coefficients; w_s is folded into the spline's, w_b is the last one.
    """
    values, derivatives = spline_basis(x, low, high, grid, order)
    if base == "none":
        return values, derivatives
    value, derivative = base_function(x, base)
    return (
        torch.cat([values, value.unsqueeze(-2)], dim=-2),
        torch.cat([derivatives, derivative.unsqueeze(-2)], dim=-2),
    )


def change_of_grid(
    low: Tensor, high: Tensor, grid: int, new_low: Tensor, new_high: Tensor, new_grid: int, order: int
) -> Tensor:
    """The matrix that takes spline coefficients from one grid to another, by least squares.

    `low`, `high`, `new_low`, `new_high` are (…); the result is (…, new_grid + order, grid + order). On
    nested grids over one range the function stays the same; otherwise it is the best approximation at
    uniform points of the new range (the paper's grid extension, §2.5, without the data: it must hold
    between the rows too).
    """
    points = 6 * (new_grid + order)
    unit = torch.linspace(0, 1, points, dtype=low.dtype, device=low.device)
    x = new_low.unsqueeze(-1) + (new_high - new_low).unsqueeze(-1) * unit
    old, _ = spline_basis(x, low, high, grid, order)
    # In units of its own range every new grid has the same basis at these points: one factorisation for all.
    # Not torch.linalg.lstsq, whose pivots start from uninitialised memory: its bits differ from call to call.
    new, _ = spline_basis(unit, torch.zeros_like(unit[0]), torch.ones_like(unit[0]), new_grid, order)
    q, r = torch.linalg.qr(new.T)
    change: Tensor = torch.linalg.solve_triangular(r, q.T @ old.transpose(-1, -2), upper=True)
    return change
