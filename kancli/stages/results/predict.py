"""The predictions of a version, by its formula or by its network of splines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.errors import CheckpointError, UsageError

Array = NDArray[np.float64]
Predict = Callable[[Array], Array]
"""Inputs (n, d) in the data's own units → predictions (n,), nan where there is none."""

# Rows in one pass of the network: its basis functions take some thousand bytes per row.
ROWS = 20_000


def by_formula(metadata: Mapping[str, Any]) -> Predict:
    """The formula of a version's metadata; needs numpy only.

    Raises UsageError where there is none, or splines are left in it, CheckpointError where it cannot be read.
    """
    from kancli.symbolic.expression.names import safe_names
    from kancli.symbolic.expression.program import evaluate
    from kancli.symbolic.text.parser import ParseError, parse

    if not has_formula(metadata):
        raise UsageError("this version has no formula", "run kan symbolify on it first")
    if metadata.get("groups"):
        raise UsageError(
            "the law has constants per group, and this needs one formula for all rows",
            "kan predict and kan eval know them",
        )
    try:
        expression = parse(str(metadata["formula"]), safe_names(metadata["inputs"]))
    except ParseError as problem:
        raise CheckpointError(f"the checkpoint's formula cannot be read: {problem}") from problem

    def predict(x: Array) -> Array:
        return evaluate(expression, x)

    return predict


def needed(metadata: Mapping[str, Any]) -> tuple[tuple[str, ...], Predict]:
    """The inputs that a version's formula mentions, and its predictions from these alone, (n, those inputs) → (n,).

    All of its inputs where it mentions none: a constant has as many predictions as there are rows. Errors as above.
    """
    from kancli.symbolic.expression.names import safe_names
    from kancli.symbolic.expression.tree import variables
    from kancli.symbolic.text.parser import parse

    predict = by_formula(metadata)
    inputs = tuple(metadata["inputs"])
    used = list(variables(parse(str(metadata["formula"]), safe_names(inputs)))) or list(range(len(inputs)))

    def from_used(x: Array) -> Array:
        rows = np.zeros((len(x), len(inputs)))
        rows[:, used] = x
        return predict(rows)

    return tuple(inputs[i] for i in used), from_used


def has_formula(metadata: Mapping[str, Any]) -> bool:
    """Whether a version can be evaluated as a formula: it has one, and no spline is left in it."""
    return metadata.get("formula") is not None and not metadata.get("splines_left")


def by_network(checkpoint: Checkpoint) -> Predict:
    """The network of splines of a version. Raises CheckpointError where it holds none."""
    import torch

    from kancli.stages.common import network_of, scaling_of

    network, scale = network_of(checkpoint), scaling_of(checkpoint.metadata)

    def predict(x: Array) -> Array:
        scaled = torch.from_numpy(np.ascontiguousarray((x / np.array(scale.input_scale)).T))
        parts = [network(part)[0].numpy() for part in torch.split(scaled, ROWS, dim=1)]
        return np.concatenate(parts) * scale.target_scale + scale.target_shift if parts else np.empty(0)

    return predict


@dataclass
class Outside:
    """Counts the rows that lie outside what a version was trained on, column by column.

    `ranges` maps an input to its lowest and highest value in training, `constants` a column that was set
    aside to the one value it had.
    """

    ranges: Mapping[str, Sequence[float]]
    constants: Mapping[str, float]
    counts: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Outside:
        """From a version's metadata; without ranges there, nothing is outside."""
        return cls((metadata.get("data") or {}).get("ranges") or {}, metadata.get("constant") or {})

    def count(self, columns: Sequence[str], values: Array) -> None:
        """Count the rows of a chunk, values (n, columns)."""
        self.rows += len(values)
        for name, column in zip(columns, values.T, strict=True):
            if name in self.ranges:
                low, high = self.ranges[name]
            elif name in self.constants:
                low = high = self.constants[name]
            else:
                continue
            beyond = int(np.count_nonzero((column < low) | (column > high)))
            if beyond:
                self.counts[name] = self.counts.get(name, 0) + beyond

    def remarks(self) -> list[str]:
        """One line per column."""
        lines = []
        for name, count in self.counts.items():
            rows = f"{name}: {count} of {self.rows} rows"
            if name in self.ranges:
                low, high = self.ranges[name]
                lines.append(f"{rows} outside the trained range, {low:g} to {high:g}")
            else:
                lines.append(f"{rows} differ from {self.constants[name]:g}, its only value in training")
        return lines
