"""The last step of reading, from any source: constant columns are set aside, rows are held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.relations import relations
from kancli.dataset.split import held_out
from kancli.dataset.text.encodings import Encoding, Note
from kancli.dataset.value import Dataset, fingerprint
from kancli.errors import DataError


def assemble(
    names: Sequence[str],
    target: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    label: str,
    source: str,
    validation: float,
    seed: int,
    remarks: Sequence[str] = (),
    weight: NDArray[np.float64] | None = None,
    noise: float | None = None,
    encodings: Mapping[str, Encoding] | None = None,
    notes: Sequence[Note] = (),
) -> Dataset:
    """The dataset of finite numbers x (n, inputs) and y (n,), n at least 2.

    `label` is the name of the table in messages. Raises DataError where the target or every input is constant,
    UsageError for a `validation` that is not a fraction.
    """
    if (y == y[0]).all():
        raise DataError(
            f"{label}: column {target!r} is always {y[0]:g}: there is nothing to explain",
            hint="--target chooses another column",
        )
    varies = (x != x[0]).any(axis=0)
    constant = {name: float(x[0, i]) for i, name in enumerate(names) if not varies[i]}
    if len(constant) == len(names):
        raise DataError(
            f"{label}: no input varies ({', '.join(names)})",
            hint="--inputs and --target choose the columns",
        )
    aside = [f"{label}: column {n!r} is always {v:g}: set aside" for n, v in constant.items()]
    kept = tuple(name for i, name in enumerate(names) if varies[i])
    x, y = np.ascontiguousarray(x[:, varies]), np.ascontiguousarray(y)
    related = [f"{label}: {remark}" for remark in relations(kept, x, target, y)]
    return Dataset(
        inputs=kept,
        target=target,
        x=x,
        y=y,
        validation=held_out(len(y), validation, seed),
        constant=constant,
        source=source,
        fingerprint=fingerprint(kept, target, x, y, weight),
        remarks=(*remarks, *aside, *related),
        weight=weight,
        noise=noise,
        encodings=dict(encodings or {}),
        notes=tuple(notes),
    )
