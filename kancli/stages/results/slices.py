"""A law over each of its inputs, the others held at their middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.report.slices import over_decades
from kancli.report.values import Array, SliceView
from kancli.stages.common import check_columns
from kancli.stages.results.interval import band as interval
from kancli.stages.results.predict import Predict, by_formula, by_network, has_formula, needed
from kancli.symbolic.errors.model import MODELS

# Points of a curve, rows drawn, and inputs that get a panel, those with the largest effect.
CURVE, POINTS, PANELS = 200, 1500, 6
# Deviations on either side of the law within which 19 of 20 rows lie.
NINETEEN_OF_TWENTY, SHARE = 1.96, 0.95


def slices(checkpoint: Checkpoint, dataset: Dataset) -> tuple[SliceView, ...]:
    """One view per input of the formula, or of the network where there is none, the strongest first.

    The dots of several inputs are partial residuals: the law's value with the others at their middle, plus what the
    law leaves of the row. Raises UsageError where nothing can be predicted on the rows.
    """
    check_columns(checkpoint, dataset)
    metadata = checkpoint.metadata
    formula = has_formula(metadata)
    predict = by_formula(metadata) if formula else by_network(checkpoint)
    every = max(1, -(-len(dataset.y) // POINTS))
    x, y, held = dataset.x[::every], dataset.y[::every], dataset.validation[::every]
    predicted = predict(x)
    if not np.isfinite(predicted).any():
        raise UsageError("nothing can be predicted on these rows")
    used = needed(metadata)[0] if formula else dataset.inputs
    indices = [dataset.inputs.index(name) for name in used]
    middle = np.median(dataset.x, axis=0)
    along = {i: predict(held_at(middle, i, x[:, i])) for i in indices}
    effects = {i: float(np.nanstd(values)) for i, values in along.items()}
    shown = sorted(sorted(indices, key=lambda i: -effects[i])[:PANELS], key=indices.index)
    return tuple(
        view(i, dataset, metadata, predict, x[:, i], along[i] + (y - predicted), held, middle, indices)
        for i in shown
    )


def view(
    i: int,
    dataset: Dataset,
    metadata: Mapping[str, Any],
    predict: Predict,
    points_x: Array,
    points_y: Array,
    held: NDArray[np.bool_],
    middle: Array,
    indices: Sequence[int],
) -> SliceView:
    """The view of input i."""
    low, high = float(points_x.min()), float(points_x.max())
    at = np.geomspace(low, high, CURVE) if over_decades(points_x) else np.linspace(low, high, CURVE)
    rows = held_at(middle, i, at)
    y = predict(rows)
    good = np.isfinite(points_y)
    others = ", ".join(f"{dataset.inputs[j]} = {middle[j]:.3g}" for j in indices if j != i)
    return SliceView(
        dataset.target,
        dataset.inputs[i],
        at,
        y,
        band(metadata, y, dataset.y, rows),
        points_x[good],
        points_y[good],
        held[good],
        others,
    )


def held_at(middle: Array, i: int, values: Array) -> Array:
    """Rows (n, inputs) whose input i has these values (n,) and whose others are at their middle (inputs,)."""
    rows = np.tile(middle, (len(values), 1))
    rows[:, i] = values
    return rows


def band(
    metadata: Mapping[str, Any], y: Array, measured: Array, rows: Array | None = None
) -> tuple[Array, Array] | None:
    """Within which 19 of 20 rows lie; None where that is not known, or the errors are too small to be seen.

    The interval of a prediction at these rows (n, inputs) where it is known how sure the constants are, else by the
    model of the errors alone.
    """
    errors = metadata.get("errors") or {}
    model, scale = MODELS.get(errors.get("model", "")), errors.get("scale")
    if model is None or scale is None or not scale > 1e-4 * float(np.std(measured)):
        return None
    if rows is not None and metadata.get("uncertainty"):
        return interval(metadata, rows, SHARE)
    with np.errstate(all="ignore"):
        if errors["model"] == "log":
            factor = np.exp(NINETEEN_OF_TWENTY * scale)
            return np.minimum(y / factor, y * factor), np.maximum(y / factor, y * factor)
        deviation = NINETEEN_OF_TWENTY * scale * np.sqrt(model[0].variance(y, np.resize(measured, len(y))))
        return y - deviation, y + deviation
