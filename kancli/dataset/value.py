"""The values that leave this package: a dataset in the file's units, and how to scale it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.encodings import Encoding, Note


@dataclass(frozen=True, eq=False)
class Block:
    """Consecutive rows of a table, of which `first` (from 0) is the number of the first: x (rows, inputs), y, weight
    and `held` (rows,), as in a Dataset."""

    first: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    held: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Whole:
    """The whole table of which a dataset holds a sample.

    `low` and `high` (inputs,) are the ranges of the inputs, `mean` and `deviation` those of the target over all rows.
    `blocks()` begins a pass over all rows, in fixed blocks however the table is stored; `seconds`: what one takes.
    """

    rows: int
    held_out: int
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: float
    deviation: float
    seconds: float
    blocks: Callable[[], Iterator[Block]] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One target and its inputs, finite float64 numbers in the units of the file.

    `x` has shape (rows, inputs), `y` and `validation` (rows,); `validation` marks the held-out rows.
    `inputs` and `target` are the names as in the file (`T [K]`, `lambda`), never made safe.
    `constant` holds the columns set aside because they never change, with their value. `source` is the
    path as given or "-". `fingerprint` changes with any name or bit of x, y and weight, not with the split.
    `remarks` are single lines that the user should see. `weight` (rows,), of mean 1, multiplies the squared
    residual of each row; None: all are equal. `noise` is the standard error of y in a row of weight 1, if
    the table contains errors. `encodings`: how columns that are not plain numbers were read; `notes`: what
    was made of columns, as the remarks say. `whole`: the table itself where x and y are a sample of its rows. `test`:
    rows that no choice may see, which judge what was found. `positive`: columns that are said to be so.
    `places` (rows, 2): the number of each row in its file, from 1, and its line there; None where that is not known.
    """

    inputs: tuple[str, ...]
    target: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    validation: NDArray[np.bool_]
    constant: Mapping[str, float]
    source: str
    fingerprint: str
    remarks: tuple[str, ...]
    weight: NDArray[np.float64] | None = None
    noise: float | None = None
    encodings: Mapping[str, Encoding] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    test: Dataset | None = None
    positive: tuple[str, ...] = ()
    places: NDArray[np.int64] | None = None
    whole: Whole | None = None


@dataclass(frozen=True)
class Scaling:
    """Scaled x = x / input_scale, scaled y = (y - target_shift) / target_scale.

    Inputs are not shifted, so that a raw zero (where 1/x, log x and x² are special) stays zero.
    """

    input_scale: tuple[float, ...]
    target_shift: float
    target_scale: float


def scaling(dataset: Dataset) -> Scaling:
    """The scaling that brings every input into [-1, 1] and the target to mean 0, deviation 1.

    Over all rows, held-out ones included, so that no held-out row lies outside [-1, 1].
    """
    ends = dataset.x if dataset.whole is None else np.array([dataset.whole.low, dataset.whole.high])
    input_scale = np.abs(ends).max(axis=0)
    # Dividing by the largest value first keeps the squares of 1e-200 and the sum of 1e308 representable.
    largest = float(np.abs(dataset.y).max()) or 1.0
    unit = dataset.y / largest
    shift, scale = float(unit.mean()) * largest, float(unit.std()) * largest
    return Scaling(
        input_scale=tuple(float(s) or 1.0 for s in input_scale),
        target_shift=shift,
        target_scale=scale or 1.0,
    )


def fingerprint(
    inputs: Sequence[str],
    target: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
) -> str:
    """SHA-256 (hex) over the names and the little-endian float64 bytes of x, y and, where there is one, weight."""
    digest = hashlib.sha256()
    for name in (*inputs, target):
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    digest.update(x.astype("<f8").tobytes())
    digest.update(y.astype("<f8").tobytes())
    if weight is not None:
        digest.update(weight.astype("<f8").tobytes())
    return digest.hexdigest()
