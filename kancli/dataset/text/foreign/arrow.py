"""Parquet, Feather and Arrow IPC files in batches, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from kancli.dataset.text.foreign.files import needed
from kancli.errors import DataError

BATCH = 1 << 16
"""Rows of a batch."""
_PARQUET = b"PAR1"


class ArrowFile:
    """An open file: `schema`, and its rows in batches of some columns."""

    def __init__(self, file: IO[bytes], label: str) -> None:
        self.pyarrow: Any = needed("pyarrow", label, "parquet")
        self._label = label
        magic = file.read(4)
        file.seek(0)
        try:
            if magic == _PARQUET:
                parquet: Any = needed("pyarrow.parquet", label, "parquet")
                # Otherwise whole row groups are read ahead, and stay in memory.
                self._parquet = parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
                self.schema: Any = self._parquet.schema_arrow
            else:
                self._parquet = None
                self._ipc: Any = self.pyarrow.ipc.open_file(file)
                self.schema = self._ipc.schema
        except (self.pyarrow.ArrowException, OSError) as error:
            raise DataError(
                f"{label}: no Parquet, Feather or Arrow file, or damaged: {one_line(error)}"
            ) from None

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Record batches of the columns with these names, in the order of the file."""
        try:
            if self._parquet is not None:
                yield from self._parquet.iter_batches(BATCH, columns=list(names), use_threads=False)
                return
            for number in range(self._ipc.num_record_batches):
                batch = self._ipc.get_batch(number)
                yield batch.select(list(names))
        except (self.pyarrow.ArrowException, OSError) as error:
            raise DataError(f"{self._label}: damaged: {one_line(error)}") from None


def one_line(error: Exception) -> str:
    """An error's text without line breaks."""
    return " ".join(str(error).split())


def rows(file: IO[bytes], label: str) -> Iterator[list[Any]]:
    """Names and rows."""
    opened = ArrowFile(file, label)
    names = list(opened.schema.names)
    yield names
    for batch in opened.batches(names):
        columns = [column.to_pylist() for column in batch.columns]
        yield from (list(row) for row in zip(*columns, strict=True))
