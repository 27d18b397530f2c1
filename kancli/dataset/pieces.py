"""A table of any size in pieces of whole rows, so that no more than a piece is in memory at a time."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO, Any

from kancli.dataset.source import DAMAGE, Source, damaged, decode, only_member, open_file, unreadable

PIECE = 1 << 22
"""Bytes of a piece; the numbers of that many characters take about as much memory again."""
# Pieces that a cell in quotes may go on for before its quote is taken for a character.
LONGEST_CELL = 4


def pieces(source: str, stream: IO[bytes] | None = None, size: int = PIECE) -> Iterator[Source]:
    """The table piece by piece, each of whole lines with all of a quoted cell; at least one, perhaps empty.

    `source` and `stream` as for `read_source`; errors as there, raised when their place is reached.
    """
    with ExitStack() as stack:
        if source == "-":
            label, file = "<stdin>", stream if stream is not None else sys.stdin.buffer
        else:
            label, file = source, stack.enter_context(open_file(source))
        before = 0
        for content in _whole_rows(_blocks(file, label, size, stack)):
            text, remarks = decode(content, label)
            yield Source(label, text, remarks if before == 0 else (), before)
            before += text.count("\n") + (not text.endswith("\n"))


def _blocks(file: IO[bytes], label: str, size: int, stack: ExitStack) -> Iterator[bytes]:
    """Uncompressed bytes. UTF-16, where a newline is no byte of its own, comes in one block of UTF-8."""
    compressed = True
    try:
        rest: Any = file if hasattr(file, "peek") else io.BufferedReader(file)
        head = rest.peek(8)
        if head.startswith(b"\x1f\x8b"):
            rest = stack.enter_context(gzip.GzipFile(fileobj=rest))
        elif head.startswith(b"BZh"):
            rest = stack.enter_context(bz2.BZ2File(rest))
        elif head.startswith(b"\xfd7zXZ\x00"):
            rest = stack.enter_context(lzma.LZMAFile(rest))  # noqa: SIM115  the stack closes it
        elif head.startswith(b"PK\x03\x04"):
            # The list of an archive's files stands at its end.
            whole = rest if rest.seekable() else io.BytesIO(rest.read())
            archive = stack.enter_context(zipfile.ZipFile(whole))
            rest = stack.enter_context(archive.open(only_member(archive, label)))
        else:
            compressed = False
        first = rest.read(size)
        if first.startswith((b"\xff\xfe", b"\xfe\xff")):
            yield decode(first + rest.read(), label)[0].encode()
            return
        yield first
        while block := rest.read(size):
            yield block
    except DAMAGE as error:
        raise (damaged if compressed else unreadable)(label, error) from None


def _whole_rows(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes cut at ends of lines outside quotes; the first even where it is empty."""
    kept, waited, nothing = b"", 0, True
    for block in chain(blocks, [b""]):
        kept += block
        end = kept.rfind(b"\n") + 1 if block else len(kept)
        in_quotes = kept.count(b'"', 0, end) % 2 == 1 and waited < LONGEST_CELL
        if block and (not end or in_quotes):
            waited += in_quotes
            continue
        if end or nothing:
            yield kept[:end]
            nothing = False
        kept, waited = kept[end:], 0
