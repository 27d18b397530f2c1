"""Predictions of a law of several groups: each row has the constants of its group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.errors import CheckpointError, DataError
from kancli.stages.results.predict import Predict
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import variables
from kancli.symbolic.text.parser import ParseError, parse

Array = NDArray[np.float64]
# Groups that a message names.
NAMED = 10


@dataclass(frozen=True, eq=False)
class ByGroup:
    """`values` (groups, names) are the constants of the groups `places`, by their texts in the columns `by`."""

    by: tuple[str, ...]
    places: Mapping[tuple[str, ...], int]
    values: Array

    def constants(self, labels: Sequence[tuple[str, ...]]) -> Array:
        """The constants (rows, names) of rows. Raises DataError for a group that the law was not fitted to."""
        found = [self.place(label) for label in labels]
        return np.asarray(self.values[np.array(found, dtype=np.intp)])

    def place(self, label: tuple[str, ...]) -> int:
        """The number of a group; 1.0 is the group 1."""
        if label in self.places:
            return self.places[label]
        same = [k for known, k in self.places.items() if number_of(known) == number_of(label)]
        if len(same) == 1:
            return same[0]
        known = [",".join(one) for one in self.places]
        more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
        raise DataError(
            f"the law was not fitted to {','.join(self.by)} {','.join(label)!r}: it has no constants for that group",
            f"its groups: {', '.join(known[:NAMED])}{more}; fit again with rows of the new one",
        )


def number_of(label: Sequence[str]) -> tuple[float | str, ...]:
    """A label with what is a number as one."""

    def read(text: str) -> float | str:
        try:
            return float(text)
        except ValueError:
            return text

    return tuple(map(read, label))


def by_group(metadata: Mapping[str, Any]) -> tuple[tuple[str, ...], Predict, ByGroup]:
    """The inputs that the law of a version mentions, its predictions from these and the constants of the groups after
    them (n, inputs + names) → (n,), and the constants. Raises CheckpointError where it cannot be read."""
    groups, inputs = metadata["groups"], tuple(metadata["inputs"])
    names = tuple(groups["names"])
    try:
        expression = parse(str(metadata["formula"]), (*safe_names(inputs), *names))
        values = [
            [groups["constants"][",".join(label)][name][0] for name in names] for label in groups["labels"]
        ]
    except (ParseError, KeyError, TypeError) as problem:
        raise CheckpointError(f"the checkpoint's formula cannot be read: {problem}") from problem
    used = [i for i in variables(expression) if i < len(inputs)]
    places = {tuple(label): k for k, label in enumerate(groups["labels"])}

    def predict(x: Array) -> Array:
        rows = np.zeros((len(x), len(inputs) + len(names)))
        rows[:, used] = x[:, : len(used)]
        rows[:, len(inputs) :] = x[:, len(used) :]
        return evaluate(expression, rows)

    table = np.array(values, dtype=np.float64).reshape(len(values), len(names))
    return tuple(inputs[i] for i in used), predict, ByGroup(tuple(groups["by"]), places, table)
