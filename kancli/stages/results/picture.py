"""What pictures of a version are drawn from: its edges, predictions, loss and front, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kancli.checkpoint import Checkpoint, Version, metrics_log, read_header
from kancli.dataset import Dataset, Scaling
from kancli.engine.architecture import Edge
from kancli.errors import CheckpointError, UsageError
from kancli.report.values import Array, EdgeView, FrontView, LossView, NetworkView, PredictionView
from kancli.stages.common import check_columns, network_of, scaling_of
from kancli.stages.results.predict import by_formula, by_network, has_formula
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.graph.graph import forward, graph_of, linearise
from kancli.symbolic.text.parser import ParseError, parse

# Rows used, points of a curve, and data points shown on it.
ROWS = 2000
CURVE = 120
POINTS = 250
# A row is informative about an edge if the output's slope along it is at least this share of the mean.
HEARD = 0.3
# A function is laid over a curve if it fits there as well as in the table of edges, up to this factor.
SAME = 3.0


def network_view(checkpoint: Checkpoint, dataset: Dataset | None) -> NetworkView:
    """The network of a version with the curve of each edge.

    Without its data, rows spread evenly over the ranges of the inputs take their place, and there are no
    data points. Raises CheckpointError where the version holds no network.
    """
    metadata = checkpoint.metadata
    scale, network = scaling_of(metadata), network_of(checkpoint)
    if dataset is not None:
        check_columns(checkpoint, dataset)
    inputs = tuple(metadata["inputs"])
    x, y = _rows(dataset, metadata, scale)
    graph = graph_of(network)
    known = {}
    for entry in metadata.get("edges") or ():
        for edge in entry.get("merged") or [[entry["layer"], entry["source"], entry["target"]]]:
            known[Edge(*edge)] = entry
    nodes, values = forward(graph, x)
    output, sensitivities, _ = linearise(graph, x)
    effects = [float(np.std(v) * np.sqrt(np.mean(s**2))) for v, s in zip(values, sensitivities, strict=True)]
    strongest = max(effects, default=0.0) or 1.0
    edges = []
    for i, edge in enumerate(graph.edges):
        origin = edge.origin[0]
        u = nodes[edge.source]
        unit = scale.input_scale[origin.source] if origin.layer == 0 else 1.0
        at = np.linspace(u.min(), u.max(), CURVE)
        curve = edge.curve.evaluate(at)
        entry = known.get(origin, {})
        merged = tuple(tuple(e) for e in entry.get("merged", ()))
        fit = None if merged else _fit(entry, u, values[i], at, unit)
        rest = None if y is None else y - output
        edges.append(
            EdgeView(
                layer=origin.layer,
                source=origin.source,
                target=origin.target,
                variable=inputs[origin.source] if origin.layer == 0 else "u",
                x=at * unit,
                y=curve,
                points=_points(u * unit, values[i], sensitivities[i], rest),
                strength=effects[i] / strongest,
                function=entry.get("function"),
                r2=entry.get("r2"),
                fit=fit,
                joined=merged,
            )
        )
    a = network.architecture
    return NetworkView(
        a.width, a.products, inputs, str(metadata["target"]), tuple(edges), metadata.get("formula")
    )


def chosen_edges(view: NetworkView, edge: str | None, layer: int | None) -> tuple[EdgeView, ...]:
    """The requested edges. Raises UsageError if there are none."""
    found = tuple(
        e for e in view.edges if (edge is None or e.name == edge) and (layer is None or e.layer == layer)
    )
    if not found:
        asked = f"edge {edge}" if edge is not None else f"layer {layer}"
        raise UsageError(
            f"{asked} is not in the network", f"its edges are {' '.join(e.name for e in view.edges)}"
        )
    return found


def prediction_view(checkpoint: Checkpoint, dataset: Dataset) -> PredictionView:
    """Every row of the data as predicted by the formula, or by the network where there is none."""
    check_columns(checkpoint, dataset)
    formula = has_formula(checkpoint.metadata)
    predict = by_formula(checkpoint.metadata) if formula else by_network(checkpoint)
    predicted = predict(dataset.x)
    if not np.isfinite(predicted).any():
        raise UsageError("nothing can be predicted on these rows")
    name = "formula" if formula else "network"
    return PredictionView(dataset.target, name, dataset.y, predicted, dataset.validation)


def loss_view(checkpoint: Checkpoint) -> LossView:
    """The errors on the way to a version, from the records beside it. Raises CheckpointError where there are none."""
    stages = []
    for version in lineage(checkpoint):
        record = next(
            (line for line in metrics_log(version.path.parent) if line.get("file") == version.path.name), {}
        )
        unit = float((version.metadata.get("scaling") or {}).get("target_scale", 1.0))
        steps = [
            (float(s), float(np.sqrt(v)) * unit) for s, v in record.get("history") or () if v is not None
        ]
        steps = sorted(dict(steps).items())  # where the worse restarts are dropped, a step is reported twice
        # The rounds of pruning and refining count edges and grids; of their course only the order is shown.
        if version.stage in ("prune", "refine"):
            steps = [(float(i), error) for i, (_, error) in enumerate(steps, 1)]
        last = _last_error(version.metadata)
        if last is not None:
            steps.append((steps[-1][0] if steps else 0.0, last))
        if steps:
            stages.append((version.stage, tuple(steps)))
    if not stages:
        raise CheckpointError(f"{checkpoint.path}: no loss was recorded while it was made")
    return LossView(str(checkpoint.metadata["target"]), tuple(stages))


def front_view(metadata: Mapping[str, Any]) -> FrontView:
    """The formulas by complexity. Raises UsageError where the version has none."""
    formulas = tuple(
        (int(e["complexity"]), 1 - float(e["r2"]), str(e["formula"]), bool(e["chosen"]))
        for e in metadata.get("front") or ()
        if e.get("r2") is not None
    )
    if not formulas:
        raise UsageError("this version has no front of formulas", "kan symbolify and kan fit make one")
    return FrontView(str(metadata["target"]), formulas)


def lineage(checkpoint: Checkpoint) -> tuple[Version, ...]:
    """The versions that led to this one, the first one first, as far as their files are there."""
    assert checkpoint.path is not None
    chain = [
        Version(
            checkpoint.number or 0,
            checkpoint.stage,
            checkpoint.path,
            checkpoint.parent,
            checkpoint.metadata,
            checkpoint.sha256,
        )
    ]
    while (parent := chain[-1].parent) is not None:
        path = chain[-1].path.parent / parent.file
        try:
            header = read_header(path)
        except CheckpointError:
            break
        if header.sha256 != parent.sha256:
            break
        chain.append(
            Version(parent.number, header.stage, path, header.parent, header.metadata, header.sha256)
        )
    return tuple(reversed(chain))


def _rows(dataset: Dataset | None, metadata: Mapping[str, Any], scale: Scaling) -> tuple[Array, Array | None]:
    """Inputs (inputs, n) and target (n,) in scaled units, of at most ROWS rows."""
    if dataset is not None:
        chosen = np.unique(np.linspace(0, len(dataset.y) - 1, ROWS).round().astype(int))
        x = dataset.x[chosen] / np.array(scale.input_scale)
        return np.ascontiguousarray(x.T), (dataset.y[chosen] - scale.target_shift) / scale.target_scale
    ranges = (metadata.get("data") or {}).get("ranges") or {}
    draw = np.random.default_rng(0)
    columns = []
    for name, unit in zip(metadata["inputs"], scale.input_scale, strict=True):
        low, high = ranges.get(name) or (-unit, unit)
        columns.append(draw.uniform(low, high, size=ROWS) / unit)
    return np.stack(columns), None


def _points(u: Array, value: Array, sensitivity: Array, rest: Array | None) -> Array:
    """Partial residuals (m, 2): what an edge should have given for the output to be right, row by row."""
    if rest is None:
        return np.empty((0, 2))
    heard = np.abs(sensitivity) > HEARD * np.sqrt(np.mean(sensitivity**2))
    if not heard.any():
        return np.empty((0, 2))
    wanted = value[heard] + rest[heard] / sensitivity[heard]
    every = max(1, int(heard.sum()) // POINTS)
    return np.column_stack([u[heard], wanted])[::every][:POINTS]


def _fit(entry: Mapping[str, Any], u: Array, v: Array, at: Array, unit: float) -> Array | None:
    """The function of an entry of the edge table at `at`, by the straight line that fits it best to the curve."""
    if not entry.get("expression") or entry.get("function") == "spline":
        return None
    try:
        function = parse(str(entry["expression"]), ("u",))
    except ParseError:
        return None
    there = evaluate(function, (u * unit)[:, None])
    good = np.isfinite(there)
    if good.sum() < 2 or np.ptp(there[good]) == 0:
        return None
    slope, constant = np.polyfit(there[good], v[good], 1)
    missed = float(np.mean((slope * there[good] + constant - v[good]) ** 2) / (np.var(v[good]) or 1.0))
    # Where nodes were merged, the input of the edge is no longer the one to which the function was fitted.
    if missed > max(SAME * (1 - (entry.get("r2") or 0.0)), 1e-3):
        return None
    return np.asarray(slope * evaluate(function, (at * unit)[:, None]) + constant)


def _last_error(metadata: Mapping[str, Any]) -> float | None:
    numbers = metadata if metadata.get("formula") is not None else metadata.get("metrics") or {}
    held_out = (metadata.get("metrics") or {}).get("rmse_validation")
    if metadata.get("formula") is None and held_out is not None:
        return float(held_out)
    return None if numbers.get("rmse") is None else float(numbers["rmse"])
