"""The arrays of a NumPy .npz file as columns."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from kancli.errors import DataError
from kancli.reading import largest_table, size


def rows(file: IO[bytes], label: str) -> Iterator[list[Any]]:
    """Names and rows: an array (n,) is a column, one (n, k) is k columns with numbers in their names.

    Raises DataError where the arrays do not have the same number of rows.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > (most := largest_table()):
                raise DataError(f"{label}: is larger than {size(most)}, a quarter of this machine's memory")
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{label}: no .npz file of numbers, or damaged: {error}") from None
    columns: dict[str, Any] = {}
    for name, values in found.items():
        if values.ndim == 1:
            columns[name] = values
        elif values.ndim == 2:
            single = values.shape[1] == 1
            columns |= {name if single else f"{name}{i + 1}": values[:, i] for i in range(values.shape[1])}
        else:
            raise DataError(f"{label}: the array {name!r} has {values.ndim} dimensions, not one or two")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise DataError(f"{label}: arrays of different lengths: {', '.join(map(str, sorted(lengths)))}")
    yield list(columns)
    yield from (list(row) for row in zip(*(values.tolist() for values in columns.values()), strict=True))
