"""Rows of cells as a stream of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

_ROWS = 2000


class TextStream(io.RawIOBase):
    """What an iterator of bytes gives. `before`: how many lines of the file come before the first, less those that
    were added; `aside`: columns that are no quantities."""

    def __init__(self, parts: Iterator[bytes], before: int = 0, aside: tuple[str, ...] = ()) -> None:
        self._parts, self._rest = parts, b""
        self.before, self.aside = before, aside

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = part
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def as_csv(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows as lines; numbers with all their digits, nothing for None."""
    pending = iter(rows)
    while some := list(islice(pending, _ROWS)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([cell(value) for value in row] for row in some)
        yield text.getvalue().encode()


def cell(value: Any) -> str:
    """One value as text."""
    if value is None:
        return ""
    if isinstance(value, float):  # numpy's floats are of a class derived from it
        return float.__repr__(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)
