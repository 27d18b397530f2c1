"""Whether a width fits a table; needs no torch, so that it can be asked before anything is run."""

from __future__ import annotations

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import TrainOptions, format_width


def check_width(dataset: Dataset, options: TrainOptions) -> None:
    """Raises UsageError unless the width's first layer has a node for every input."""
    layers = options.layers
    if sum(layers[0]) != len(dataset.inputs):
        right = format_width(((len(dataset.inputs), 0), *layers[1:]))
        raise UsageError(
            f"--width {format_width(layers)}: the data have {len(dataset.inputs)} inputs "
            f"({', '.join(dataset.inputs)})",
            f"use --width {right}, or choose columns with --inputs",
        )
