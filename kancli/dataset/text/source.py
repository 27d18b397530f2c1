"""From a path or a byte stream to text."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kancli.dataset.text.blocks import WIDE, blocks, no_text, unreadable
from kancli.dataset.text.foreign.address import address_of
from kancli.dataset.text.foreign.door import opened_foreign
from kancli.errors import DataError
from kancli.reading import open_regular

_TABLES = (".csv", ".tsv", ".txt", ".dat", ".gz", ".bz2", ".xz", ".zip")


@dataclass(frozen=True)
class Source:
    """A table, or a piece of one, as text with newlines only; `label` is what messages call the file.

    `before` counts the lines of the file that come before the text; `aside` are columns that are no quantities.
    """

    label: str
    text: str
    remarks: tuple[str, ...]
    before: int = 0
    aside: tuple[str, ...] = ()


def read_source(source: str, stream: IO[bytes] | None) -> Source:
    """Read a path, or the given binary stream (standard input if None) where `source` is "-".

    Compression is recognised by the first bytes, so it works for standard input and misnamed files.
    """
    with ExitStack() as stack:
        label, file = opened(source, stream, stack)
        content = bytearray()  # which grows in place: a list of blocks would be twice as much when joined
        for block in blocks(file, label, whole=True):
            content += block
        before, aside = added(file)
    text, remarks = decode(content, label)
    return Source(label, text, remarks, before, aside)


def opened(source: str, stream: IO[bytes] | None, stack: ExitStack) -> tuple[str, IO[bytes]]:
    """What messages call a source, and its bytes in text form: those of a file, which `stack` closes, or of standard
    input."""
    if source == "-":
        return "<stdin>", stream if stream is not None else sys.stdin.buffer
    where = address_of(source)
    alone = not where.remote and where.kind not in ("several", "sqlite")
    near = stack.enter_context(open_file(where.path)) if alone else None
    return source, opened_foreign(where, source, near, stack)


def added(file: IO[bytes]) -> tuple[int, tuple[str, ...]]:
    """Lines of the file that come before those of its text form, and columns that were added to it."""
    return getattr(file, "before", 0), getattr(file, "aside", ())


def lines_of(text: str, start: int = 0) -> Iterator[str]:
    """The lines one by one; io.StringIO would copy a large table at four bytes a character first."""
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    if start < len(text):
        yield text[start:]


def open_file(source: str) -> IO[bytes]:
    """A file to read. Raises DataError that names what is there instead."""
    path = Path(source)
    try:
        if path.is_dir():
            raise IsADirectoryError
        return open_regular(path, pipes=True)
    except FileNotFoundError:
        raise DataError(f"{source}: no such file", hint=_similar(path)) from None
    except IsADirectoryError:
        raise DataError(f"{source}: is a directory, not a table", hint=_tables_in(path)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreadable(source, error) from None


def _similar(path: Path) -> str | None:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist"
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return None
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {folder / close[0]}?" if close else _tables_in(folder)


def _tables_in(folder: Path) -> str | None:
    try:
        names = sorted(str(entry) for entry in folder.iterdir() if entry.suffix.lower() in _TABLES)
    except OSError:
        return None
    if not names:
        return None
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"tables there: {', '.join(names[:5])}{more}"


def decode(content: bytes | bytearray, label: str) -> tuple[str, tuple[str, ...]]:
    """Text with newlines only, and remarks on how it was read. Raises DataError where it is no text."""
    text, remarks = _decode(content, label)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, remarks


def _decode(content: bytes | bytearray, label: str) -> tuple[str, tuple[str, ...]]:
    if content.startswith(WIDE):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            pass
        else:
            if "\0" not in text:
                return text, ()
    if b"\0" in content:
        raise no_text(label)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        # Excel on Windows; every byte has a meaning in Latin-1, so numbers are never at risk.
        return content.decode("latin-1"), (f"{label} is not UTF-8: read as Latin-1",)
