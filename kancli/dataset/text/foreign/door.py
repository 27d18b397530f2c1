"""Whatever DATA names, as a stream of bytes in text form."""

from __future__ import annotations

from contextlib import ExitStack
from typing import IO

from kancli.dataset.text.foreign import arrow, excel, jsonl, npz, sqlite
from kancli.dataset.text.foreign.address import Address
from kancli.dataset.text.foreign.files import files_of, open_remote
from kancli.dataset.text.foreign.stream import TextStream, as_csv
from kancli.errors import DataError


def opened_foreign(where: Address, label: str, near: IO[bytes] | None, stack: ExitStack) -> IO[bytes]:
    """The stream; `near` is the open file of this machine, None where `where` is far away or no single file."""
    if where.kind == "several":
        from kancli.dataset.text.foreign.several import FILE, parts_of

        return TextStream(parts_of(files_of(where)), aside=(FILE,))  # type: ignore[return-value]
    if where.kind == "sqlite":
        if where.remote:
            raise DataError(f"{label}: a database must be on this machine", "copy it here first")
        return TextStream(as_csv(sqlite.rows(where.path, label, where.part)))  # type: ignore[return-value]
    file = near if near is not None else open_remote(where.path, stack)
    if where.kind == "jsonl":
        return TextStream(as_csv(jsonl.rows(file, label)), before=-1)  # type: ignore[return-value]
    if where.kind == "excel":
        return TextStream(as_csv(excel.rows(file, label, where.part)))  # type: ignore[return-value]
    if where.kind == "npz":
        return TextStream(as_csv(npz.rows(file, label)))  # type: ignore[return-value]
    if where.kind == "arrow":
        return TextStream(as_csv(arrow.rows(file, label)))  # type: ignore[return-value]
    return file
