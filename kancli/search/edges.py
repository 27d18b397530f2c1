"""How well the data support each edge of a sum of products of powers, as if it had been a spline.

Every function was fixed by its form, so no spline came before it. To see whether an edge's data agree, a spline is
fitted to the values that its rows need when all other edges stay as they are (partial residuals: Larsen & McCleary,
Technometrics 14, 1972), and the function is compared with that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.graph.clean import line
from kancli.symbolic.graph.curve import fit_spline

Array = NDArray[np.float64]

GRID, ORDER = 10, 3
TINY = 1e-300


@dataclass(frozen=True)
class PowerEdge:
    """One edge: `name` and `expression` (in u) of its function; u (n,) its input, `value` (n,) the function there,
    `slope` (n,) the derivative of the prediction by it."""

    layer: int
    source: int
    target: int
    name: str
    expression: str
    factor: float
    u: Array
    value: Array
    slope: Array


def edge_rows(edges: Sequence[PowerEdge], residual: Array, weight: Array | None) -> list[Mapping[str, Any]]:
    """An entry of metadata for each edge; residual (n,) of the prediction, weight (n,) of its squares."""
    return [_row(edge, residual, weight) for edge in edges]


def _row(edge: PowerEdge, residual: Array, weight: Array | None) -> Mapping[str, Any]:
    squares = edge.slope**2 if weight is None else edge.slope**2 * weight
    felt = squares > TINY * max(float(squares.max()), TINY)
    asked = edge.value + np.divide(residual, edge.slope, out=np.zeros_like(residual), where=felt)
    spline = fit_spline(edge.u, asked, GRID, ORDER, squares).evaluate(edge.u)
    return {
        "layer": edge.layer,
        "source": edge.source,
        "target": edge.target,
        "function": edge.name,
        "r2": 1 - line(edge.value, spline, squares)[2],
        "a": 1.0,
        "b": 0.0,
        "c": edge.factor,
        "d": 0.0,
        "complexity": 1,
        "expression": edge.expression,
        "next": None,
    }
