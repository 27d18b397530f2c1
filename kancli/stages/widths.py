"""Whether a width fits a table; needs no torch, so that it can be checked before anything is run."""

from __future__ import annotations

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import TrainOptions, format_width
from kancli.stages.capacity import check_training


def check_width(dataset: Dataset, options: TrainOptions) -> None:
    """Raises UsageError unless the first layer has one node per input, and where the networks do not fit into
    memory."""
    layers = options.layers
    if sum(layers[0]) != len(dataset.inputs):
        right = format_width(((len(dataset.inputs), 0), *layers[1:]))
        raise UsageError(
            f"--width {format_width(layers)}: the data have {len(dataset.inputs)} inputs "
            f"({', '.join(dataset.inputs)})",
            f"use --width {right}, or choose columns with --inputs",
        )
    check_merge(dataset, options)
    check_training(options, len(dataset.y))


def check_merge(dataset: Dataset, options: TrainOptions) -> None:
    """Raises UsageError unless the groups are of different inputs and the first hidden layer has their nodes."""
    if not options.merge:
        return
    names = [name for group in options.merge for name in group]
    for name in names:
        if name not in dataset.inputs:
            raise UsageError(f"--merge: no input {name!r}", f"the inputs are {', '.join(dataset.inputs)}")
    if len(set(names)) < len(names) or min(map(len, options.merge)) < 2:
        raise UsageError("--merge: a group has two inputs or more, none of them in another group")
    nodes = len(options.merge) + len(dataset.inputs) - len(names)
    layers = options.layers
    if len(layers) < 3 or layers[1] != (nodes, 0):
        rest = layers[2:] or ((1, 0),)
        right = format_width((layers[0], (nodes, 0), *rest))
        raise UsageError(
            f"--width {format_width(layers)}: the first hidden layer needs {nodes} nodes, one per group and one "
            "for each other input",
            f"use --width {right}",
        )
