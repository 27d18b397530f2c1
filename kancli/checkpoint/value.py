"""What a checkpoint is, and the one way to serialise its metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The number of the file format; a reader rejects a higher one.
FORMAT = 1

# Plain JSON: dict with str keys, list, str, int, float, bool, None.
JSON = Any


@dataclass(frozen=True)
class Parent:
    """The version that a checkpoint was made from; `file` is relative to the checkpoint's own folder."""

    number: int
    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What one stage passes to the next: arrays, and everything else as JSON.

    A stage returns stage, tensors and metadata; `save` and `load` fill in the rest. `sha256` covers the
    tensors, the metadata and the parent, so it names this version and all that led to it.
    """

    stage: str
    tensors: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, JSON]
    path: Path | None = None
    number: int | None = None
    parent: Parent | None = None
    sha256: str | None = None


def plain(value: object) -> JSON:
    """Python and NumPy values as plain JSON: tuples and arrays become lists, keys strings.

    A number that is not finite becomes null, as JSON cannot express it: an undefined metric must not
    prevent the model from being saved.
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a checkpoint's metadata")


def canonical(value: JSON) -> str:
    """The one JSON text of a plain value: sorted keys, no blanks, shortest floats, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
