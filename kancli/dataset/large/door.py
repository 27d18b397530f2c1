"""Which way a table is read: at once, as ever, where it cannot be large."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any

from kancli.dataset.large.read import dataset_of
from kancli.dataset.reader import read_dataset
from kancli.dataset.tables.arrow import ArrowTable
from kancli.dataset.tables.text import TextTable
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.foreign.address import address_of
from kancli.dataset.value import Dataset
from kancli.errors import DataError
from kancli.reading import is_special

# Bytes below which no table has many rows, compressed or not.
SMALL, SMALL_COMPRESSED = 1 << 18, 1 << 13
# Bytes of a table that are read once more to count all its mistakes.
WORTH_COUNTING = 1 << 26
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x03\x04")


def read_table(
    source: str,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sep: str | None = None,
    drop_missing: bool = False,
    validation: float = 0.2,
    seed: int = 0,
    sigma: str | None = None,
    weights: str | None = None,
    positive: Sequence[str] = (),
    stream: IO[bytes] | None = None,
    encodings: Mapping[str, Encoding] | None = None,
) -> Dataset:
    """`read_dataset` for a table of any number of rows: of a large one a sample, with `whole` for all rows."""

    options: dict[str, Any] = {
        "target": target,
        "inputs": inputs,
        "drop_missing": drop_missing,
        "validation": validation,
        "seed": seed,
        "sigma": sigma,
        "weights": weights,
        "positive": positive,
        "encodings": encodings,
    }

    def at_once(stream: IO[bytes] | None) -> Dataset:
        return read_dataset(source, sep=sep, stream=stream, **options)

    if source == "-":
        whole = stream if stream is not None else sys.stdin.buffer
        head = whole.read(SMALL)
        if len(head) < (SMALL_COMPRESSED if head.startswith(_COMPRESSED) else SMALL):
            return at_once(io.BytesIO(head))
        rest = io.BufferedReader(_Joined(head, whole))
        return dataset_of(
            TextTable(source, sep=sep, stream=rest),
            source=source,
            once=True,
            **options,
        )
    where = address_of(source)
    if where.kind == "arrow":
        return dataset_of(ArrowTable(where, source), source=source, once=False, **options)
    if where.kind != "text" or where.remote:
        return dataset_of(TextTable(source, sep=sep), source=source, once=False, **options)
    if is_small(source):
        return at_once(stream)
    try:
        return dataset_of(TextTable(source, sep=sep), source=source, once=is_special(source), **options)
    except DataError:
        if not is_special(source) and os.path.getsize(source) <= WORTH_COUNTING:
            at_once(None)  # tells how many mistakes there are
        raise


def is_small(source: str) -> bool:
    """Whether a file has so few bytes that it cannot hold many rows; also where it cannot be read at all."""
    try:
        length = os.path.getsize(source)
        if is_special(source) or length > SMALL:
            return False
        with open(source, "rb") as file:
            return length < SMALL_COMPRESSED or not file.read(8).startswith(_COMPRESSED)
    except (OSError, ValueError):
        return True


class _Joined(io.RawIOBase):
    """A stream of which the beginning has been read."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)
