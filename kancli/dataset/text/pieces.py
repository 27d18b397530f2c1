"""A table of any size in pieces of whole rows, so that no more than a piece is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO

from kancli.dataset.text.blocks import PIECE, WIDE, blocks
from kancli.dataset.text.source import Source, added, decode, opened

# Pieces that a cell in quotes may go on for before its quote is taken for a character.
LONGEST_CELL = 4


def pieces(
    source: str, stream: IO[bytes] | None = None, size: int = PIECE, *, whole: bool = False
) -> Iterator[Source]:
    """The table piece by piece, each of whole lines with all of a quoted cell; at least one, perhaps empty.

    `source` and `stream` as for `read_source`; errors as there, raised when their place is reached. `whole` where
    what is made of the pieces is kept for all of them, so that the table must fit in memory.
    """
    with ExitStack() as stack:
        label, file = opened(source, stream, stack)
        begin, aside = added(file)
        before = begin
        for content in _whole_rows(_narrow(blocks(file, label, size, whole=whole), label)):
            text, remarks = decode(content, label)
            yield Source(label, text, remarks if before == begin else (), before, aside)
            before += text.count("\n") + (not text.endswith("\n"))


def _narrow(parts: Iterator[bytes], label: str) -> Iterator[bytes]:
    """The same, UTF-16 as UTF-8."""
    first = next(parts)
    yield decode(first, label)[0].encode() if first.startswith(WIDE) else first
    yield from parts


def _whole_rows(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes cut at ends of lines outside quotes; the first even where it is empty."""
    kept, waited, nothing = b"", 0, True
    for block in chain(blocks, [b""]):
        kept += block
        end = _end_of_line(kept) if block else len(kept)
        in_quotes = kept.count(b'"', 0, end) % 2 == 1 and waited < LONGEST_CELL
        if block and (not end or in_quotes):
            waited += in_quotes
            continue
        if end or nothing:
            yield kept[:end]
            nothing = False
        kept, waited = kept[end:], 0


def _end_of_line(content: bytes) -> int:
    """Where the last whole line ends. Old Macs end one by a return alone; the last may be half of two bytes."""
    return content.rfind(b"\n") + 1 or content.rfind(b"\r", 0, -1) + 1
