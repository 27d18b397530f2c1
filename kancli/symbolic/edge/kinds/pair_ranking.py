"""All pairs of shapes ranked in closed form by a few matrix products, in single precision."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.kinds.shapes import Shapes
from kancli.symbolic.library.functions import Array

# Two shapes closer than this (1 - correlation²) are one written twice.
DISTINCT = 1e-3


def products_of_two(
    shapes: Shapes, sample: Curve, outside: Array | float = 1.0, beside: Array | None = None
) -> Array:
    """1 - r² of d + c·outside·f·g for all pairs (K, K), with another column (m,) where given, in single precision."""
    f = shapes.values.astype(np.float32)
    w, y = sample.w, sample.y
    mean = (f * (w * outside).astype(np.float32)) @ f.T
    along = (f * (w * outside * y).astype(np.float32)) @ f.T
    square = f * f
    variance = (square * (w * outside * outside).astype(np.float32)) @ square.T
    with np.errstate(all="ignore"):
        varies = variance - mean * mean
        explained = 0.0
        if beside is not None:
            z = beside - w @ beside
            z = z / np.sqrt((z * z) @ w)
            with_it = (f * (w * outside * z).astype(np.float32)) @ f.T
            linear = float((z * w) @ y)
            explained = linear**2
            varies, along = varies - with_it * with_it, along - np.float32(linear) * with_it
        residual = 1.0 - explained - along * along / varies
        residual[~(varies > 1e-5 * variance)] = np.inf
    return np.where(np.isfinite(residual), residual, np.inf)


def sums_of_two(shapes: Shapes, sample: Curve, beside: int = 0) -> Array:
    """1 - r² of c1·f + c2·g and a polynomial of degree `beside` for all pairs (K, K).

    Without a polynomial only those of which one at least is two deep. In units of what the polynomial leaves.
    """
    root = np.sqrt(sample.w)
    s = sample.t - sample.origin
    basis, _ = np.linalg.qr(np.stack([s**k for k in range(beside + 1)], axis=-1) * root[:, None])
    z = shapes.values * root
    size = np.sqrt(np.einsum("km,km->k", z, z))
    z = z - (z @ basis) @ basis.T
    norm = np.sqrt(np.einsum("km,km->k", z, z))
    z = z / norm[:, None]
    y = sample.y * root
    y = y - basis @ (basis.T @ y)
    y = y / np.sqrt(y @ y)
    f = z.astype(np.float32)
    g = f @ f.T
    p = f @ y.astype(np.float32)
    with np.errstate(all="ignore"):
        apart = 1.0 - g * g
        residual = 1.0 - (p[:, None] ** 2 + p[None, :] ** 2 - 2.0 * g * np.outer(p, p)) / apart
    line = next(k for k, function in enumerate(shapes.problems.functions) if function.is_line)
    single = shapes.problems.chain[:, 0] == line
    residual[~(apart > DISTINCT)] = np.inf
    if not beside:
        residual[np.ix_(single, single)] = np.inf
    # What a polynomial is, or nearly, has no place beside one.
    gone = norm < 1e-5 * size
    residual[gone] = residual[:, gone] = np.inf
    # A line's offset is the constant of the sum.
    offset = (shapes.problems.chain == line).all(axis=1) & shapes.problems.free.any(axis=1)
    residual[offset] = residual[:, offset] = np.inf
    return np.asarray(np.where(np.isfinite(residual), residual, np.inf))


def mixtures_of_two(shapes: Shapes, sample: Curve) -> Array:
    """1 - r² of d + α·f + β·g + γ·f·g for all pairs (K, K), in single precision."""
    z = shapes.values - (shapes.values @ sample.w)[:, None]
    # Any offset of f and g is taken up by the other columns: without means the columns are nearly orthogonal.
    f = (z / np.sqrt((z * z) @ sample.w)[:, None]).astype(np.float32)
    w, y = sample.w.astype(np.float32), sample.y.astype(np.float32)
    square = f * f
    g = (f * w) @ f.T
    p = f @ (w * y)
    cross = (square * w) @ f.T  # <f_i², f_j> = <f_i, f_i f_j>
    along = (f * (w * y)) @ f.T
    size = (square * w) @ square.T - g * g
    with np.errstate(all="ignore"):
        apart = 1.0 - g * g
        first = (p[:, None] ** 2 + p[None, :] ** 2 - 2.0 * g * np.outer(p, p)) / apart
        # f·g without what f and g explain of it.
        one, other = (cross - g * cross.T) / apart, (cross.T - g * cross) / apart
        rest = size - one * cross - other * cross.T
        more = along - one * p[:, None] - other * p[None, :]
        residual = 1.0 - first - more * more / rest
        residual[~((apart > DISTINCT) & (rest > DISTINCT * size))] = np.inf
    return np.where(np.isfinite(residual), residual, np.inf)
