"""All constants and spline coefficients of a graph fitted together on the data, by Levenberg-Marquardt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kancli.symbolic.graph.curve import Array, Curve
from kancli.symbolic.graph.graph import Graph, linearise, predict


@dataclass(frozen=True)
class GraphFit:
    """`rmse`: root mean square error on the rows fitted."""

    graph: Graph
    rmse: float


def fit_graph(
    graph: Graph, x: Array, y: Array, weight: Array | None = None, *, steps: int, damping: float = 1e-4
) -> GraphFit:
    """At most `steps` steps from where the graph is; x (inputs, n), y (n,), weight (n,) of squared residuals.

    Redundant directions (the scale of a hidden node) are held by the damping, which is relative to each
    column's norm. A step into a domain error is refused.
    """
    theta, sizes = _parameters(graph)
    root = None if weight is None else np.sqrt(weight)
    with np.errstate(all="ignore"):
        sse = _sse(predict(graph, x) - y, root)
        mu, growth = damping, 2.0
        refused = 0
        system = None
        for _ in range(steps):
            if system is None:
                value, _, jacobians = linearise(graph, x)
                j = np.concatenate(jacobians, axis=1)
                j[~np.isfinite(j)] = 0.0
                residual = y - value
                if root is not None:
                    j *= root[:, None]
                    residual = residual * root
                norm = np.sqrt(np.einsum("ij,ij->j", j, j))
                norm = np.maximum(norm, 1e-9 * (norm.max() or 1.0))
                j /= norm
                system = j.T @ j, j.T @ residual, norm
            gram, gradient, norm = system
            try:
                delta = np.linalg.solve(gram + mu * np.eye(len(gram)), gradient)
            except np.linalg.LinAlgError:
                mu *= 10
                continue
            trial = _with_parameters(graph, theta + delta / norm, sizes)
            error = _sse(predict(trial, x) - y, root)
            if error < sse:
                gain = (sse - error) / max(sse, 1e-300)
                graph, theta, sse, system = trial, theta + delta / norm, error, None
                mu, growth, refused = max(mu / 5, 1e-14), 2.0, 0
                if gain < 1e-6:
                    break
            else:
                mu, growth = mu * growth, growth * 2
                refused += 1
                if refused > 8 or mu > 1e8:
                    break
    return GraphFit(graph, float(np.sqrt(sse / (len(y) if weight is None else weight.sum()))))


def _sse(residual: Array, root: Array | None) -> float:
    if root is not None:
        residual = residual * root
    total = float(residual @ residual)
    return total if np.isfinite(total) else np.inf


def _parameters(graph: Graph) -> tuple[Array, list[int]]:
    parts = [e.curve.parameters() for e in graph.edges]
    return np.concatenate(parts), [len(p) for p in parts]


def _with_parameters(graph: Graph, theta: Array, sizes: list[int]) -> Graph:
    curves: dict[int, Curve] = {}
    at = 0
    for i, size in enumerate(sizes):
        curves[i] = graph.edges[i].curve.with_parameters(theta[at : at + size])
        at += size
    return graph.with_curves(curves)
