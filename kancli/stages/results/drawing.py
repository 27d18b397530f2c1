"""Pictures of a version by kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset

if TYPE_CHECKING:
    from kancli.report.scene import Scene, Style

KINDS = {
    "network": "the network, each edge with its curve",
    "edges": "the curve of each edge, with data and function",
    "fit": "data and law over each input",
    "loss": "the error over the steps of each stage",
    "parity": "predicted against measured",
    "residuals": "measured minus predicted",
    "front": "formulas by complexity and error",
}
NEEDS_DATA = ("fit", "parity", "residuals")


def scene(
    checkpoint: Checkpoint,
    dataset: Dataset | None,
    kind: str,
    style: Style,
    *,
    edge: str | None = None,
    layer: int | None = None,
    caption: bool = True,
) -> Scene:
    """One picture of a version; `caption` writes the formula below the network, `edge` and `layer` choose edges.

    The kinds that need data must have them. Raises KanError where the version has nothing to draw it from.
    """
    from kancli.stages.results import picture as values

    if kind == "front":
        from kancli.report.charts import front

        return front(values.front_view(checkpoint.metadata), style)
    if kind == "loss":
        from kancli.report.charts import loss

        return loss(values.loss_view(checkpoint), style)
    if kind in NEEDS_DATA:
        assert dataset is not None
        return of_data(checkpoint, dataset, kind, style)
    network_view = values.network_view(checkpoint, dataset)
    if kind == "edges":
        from kancli.report.edges import edges

        return edges(values.chosen_edges(network_view, edge, layer), style)
    from kancli.report.network import network

    return network(network_view if caption else replace(network_view, formula=None), style)


def of_data(checkpoint: Checkpoint, dataset: Dataset, kind: str, style: Style) -> Scene:
    """One of the pictures that show rows."""
    if kind == "fit":
        from kancli.report.slices import fit
        from kancli.stages.results.slices import slices

        return fit(slices(checkpoint, dataset), style)
    from kancli.report.charts import parity, residuals
    from kancli.stages.results.picture import prediction_view

    view = prediction_view(checkpoint, dataset)
    return parity(view, style) if kind == "parity" else residuals(view, style)
