"""The bytes of a table, decompressed piece by piece, as long as they can be those of a table.

A small file can hold a compressed table without end, and a pipe one that has none. What cannot be rows of text
is noticed in its first pieces, before it fills the memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from kancli.errors import DataError
from kancli.reading import TooLargeError, largest_table, read_bounded, size
from kancli.visible import one_line

PIECE = 1 << 22
"""Bytes of a piece; the numbers of that many characters take about as much memory again."""
LONGEST_LINE = 1 << 24
"""Bytes: some 800,000 numbers in one row. A line that is longer belongs to no table."""
MOST_INFLATED = 100
"""How many times larger than its compressed file a table may be: numbers as text compress two- to tenfold.

The bound that Apache POI sets for the archives that spreadsheets are (ZipSecureFile.setMinInflateRatio).
"""
GRACE = 1 << 25
"""Bytes that a compressed file may hold however well it is compressed: that many do no harm.

So many are also read ahead: what is done with the rows may take much longer than to notice that they never end.
"""
_STEP = 1 << 16
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""What UTF-16 begins with."""

# What a file says about itself in its first bytes, where it is no table in text form.
_FOREIGN = {
    b"PAR1": "a Parquet file",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF file",
}
# What the decompressors raise.
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


def blocks(file: IO[bytes], label: str, length: int = PIECE, *, whole: bool = False) -> Iterator[bytes]:
    """Decompressed bytes, `length` at a time; at least one block, perhaps empty.

    Compression is recognised by the first bytes. `whole`: all blocks will be in memory together, which bounds
    their number. UTF-16, where a newline is no byte of its own, comes in one block. Raises DataError where this
    cannot be a table in text form, or is damaged.
    """
    source = _Counted(file if hasattr(file, "peek") else io.BufferedReader(file))
    compressed = False
    with ExitStack() as stack:
        try:
            rest = _decompressed(source, label, stack)
            compressed = rest is not source
            parts = _pieces(rest, length)
            if compressed:
                parts = _not_inflated(parts, source, label)
            parts = _checked(parts, label, largest_table() if whole else None)
            yield from _ahead(parts) if compressed else parts
        except _DAMAGE as error:
            raise (damaged if compressed else unreadable)(label, error) from None


def _pieces(file: Any, length: int) -> Iterator[bytes]:
    """In steps, as zipfile reads as many compressed bytes as it is to give decompressed ones."""
    block = bytearray()
    while part := file.read(min(length - len(block), _STEP)):
        block += part
        if len(block) == length:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _not_inflated(parts: Iterator[bytes], source: _Counted, label: str) -> Iterator[bytes]:
    """The same blocks, as long as they are no more than a compressed table can hold."""
    total = 0
    for block in parts:
        total += len(block)
        if total > max(GRACE, MOST_INFLATED * source.count):
            raise DataError(
                f"{label}: {size(total)} of text in {size(source.count)} of compressed data, and more to come",
                hint="a table of measurements compresses less; where it is one, decompress it and use that file",
            )
        yield block


def _ahead(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, the first not before GRACE bytes of them, or all, are known to be a table's."""
    first: list[bytes] = []
    total = 0
    for block in parts:
        first.append(block)
        total += len(block)
        if total > GRACE:
            break
    yield from first
    yield from parts


def _checked(parts: Iterator[bytes], label: str, most: int | None) -> Iterator[bytes]:
    """The same blocks; at least one."""
    total, line, pending = 0, 1, 0
    for block in chain(parts, [b""]):
        if total == 0:
            _refuse_foreign(block, label)
            if block.startswith(WIDE):
                yield _wide(block, parts, label)
                return
        elif not block:
            return
        if b"\0" in block:
            raise no_text(label)
        total += len(block)
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        pending = pending + len(block) if end < 0 else len(block) - end - 1
        line += block.count(b"\n")
        if pending > LONGEST_LINE:
            raise DataError(
                f"{label}:{line}: a line of more than {size(LONGEST_LINE)}",
                hint="a table in text form is expected: a header, then one row per line",
            )
        if most is not None and total > most:
            raise _too_large(label, most)
        yield block


def _wide(first: bytes, parts: Iterator[bytes], label: str) -> bytes:
    content = bytearray(first)
    for block in parts:
        content += block
        if len(content) > (most := largest_table()):
            raise _too_large(label, most)
    return bytes(content)


def no_text(label: str) -> DataError:
    """What to raise where there are NUL bytes."""
    return DataError(
        f"{label}: not a text file (it contains NUL bytes)", hint="a table in text form is expected"
    )


def unreadable(label: str, error: Exception) -> DataError:
    """What to raise where the system refuses to read."""
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(f"{label}: cannot be read: {reason[:1].lower()}{reason[1:]}")


def damaged(label: str, error: Exception) -> DataError:
    """What to raise for what the decompressors raise."""
    return DataError(f"{label}: damaged compressed file: {error}")


@dataclass
class _Counted:
    """A binary file that counts the bytes read from it."""

    file: Any
    count: int = 0

    def read(self, length: int = -1) -> bytes:
        block: bytes = self.file.read(length)
        self.count += len(block)
        return block

    def __getattr__(self, name: str) -> Any:  # what zipfile requires: seek, tell, seekable
        return getattr(self.file, name)


def _decompressed(source: _Counted, label: str, stack: ExitStack) -> Any:
    """A file of what is in the compressed one; the same file where it is not compressed."""
    file: Any = source
    head = source.file.peek(8)
    if head.startswith(b"\x1f\x8b"):
        return stack.enter_context(gzip.GzipFile(fileobj=file))
    if head.startswith(b"BZh"):
        return stack.enter_context(bz2.BZ2File(file))
    if head.startswith(b"\xfd7zXZ\x00"):
        return stack.enter_context(lzma.LZMAFile(file))
    if head.startswith(b"PK\x03\x04"):
        if not source.seekable():  # the list of an archive's files stands at its end
            source.file = io.BytesIO(_bounded(source, label))
        archive = stack.enter_context(zipfile.ZipFile(file))
        return stack.enter_context(archive.open(_only_member(archive, label)))
    return source


def _only_member(archive: zipfile.ZipFile, label: str) -> str:
    """The name of the one table in an archive. Raises DataError where there is not one."""
    names = [
        i.filename for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/")
    ]
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise DataError(
            f"{label}: a spreadsheet, not a table in text form", hint="save it as CSV and use that file"
        )
    if len(names) != 1:
        raise DataError(
            f"{label}: {len(names)} files in the archive, expected one table",
            hint=f"it contains {', '.join(map(one_line, names[:5]))}" if names else None,
        )
    return names[0]


def _bounded(source: _Counted, label: str) -> bytes:
    try:
        return bytes(read_bounded(source, most := largest_table()))  # type: ignore[arg-type]
    except TooLargeError:
        raise _too_large(label, most) from None


def _refuse_foreign(block: bytes, label: str) -> None:
    for magic, kind in _FOREIGN.items():
        if block.startswith(magic):
            raise DataError(f"{label}: {kind}, not a table in text form", hint="convert it to CSV")


def _too_large(label: str, most: int) -> DataError:
    return DataError(
        f"{label}: more than {size(most)} of table, a quarter of this machine's memory",
        hint="fit to some of its rows; kan predict and kan eval read tables of any size",
    )
