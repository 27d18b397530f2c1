"""From a path or a byte stream to text: decompression and encoding."""

from __future__ import annotations

import bz2
import difflib
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kancli.errors import DataError

_TABLES = (".csv", ".tsv", ".txt", ".dat", ".gz", ".bz2", ".xz", ".zip")
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
DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


@dataclass(frozen=True)
class Source:
    """A table, or a piece of one, as text with newlines only; `label` is what messages call the file.

    `before` counts the lines of the file that come before the text.
    """

    label: str
    text: str
    remarks: tuple[str, ...]
    before: int = 0


def read_source(source: str, stream: IO[bytes] | None) -> Source:
    """Read a path, or the given binary stream (standard input if None) where `source` is "-".

    Compression is told from the first bytes, so it works for standard input and misnamed files.
    """
    if source == "-":
        label = "<stdin>"
        content = (stream if stream is not None else sys.stdin.buffer).read()
    else:
        label = source
        content = _read_file(source)
    content = _decompress(content, label)
    text, remarks = decode(content, label)
    return Source(label, text, remarks)


def lines_of(text: str, start: int = 0) -> Iterator[str]:
    """The lines one by one; io.StringIO would copy a large table at four bytes a character first."""
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    if start < len(text):
        yield text[start:]


def open_file(source: str) -> IO[bytes]:
    """A file to read. Raises DataError that says what there is instead."""
    path = Path(source)
    try:
        if path.is_dir():
            raise IsADirectoryError
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{source}: no such file", hint=_similar(path)) from None
    except IsADirectoryError:
        raise DataError(f"{source}: is a directory, not a table", hint=_tables_in(path)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreadable(source, error) from None


def unreadable(label: str, error: Exception) -> DataError:
    """What to raise where the system refuses to read."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return DataError(f"{label}: cannot be read: {reason}")


def _read_file(source: str) -> bytes:
    with open_file(source) as file:
        try:
            return file.read()
        except OSError as error:
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


def _decompress(content: bytes, label: str) -> bytes:
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"BZh"):
            return bz2.decompress(content)
        if content.startswith(b"\xfd7zXZ\x00"):
            return lzma.decompress(content)
        if content.startswith(b"PK\x03\x04"):
            return _unzip(content, label)
    except DAMAGE as error:
        raise damaged(label, error) from None
    return content


def damaged(label: str, error: Exception) -> DataError:
    """What to raise for one of DAMAGE."""
    return DataError(f"{label}: damaged compressed file: {error}")


def _unzip(content: bytes, label: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(only_member(archive, label))


def only_member(archive: zipfile.ZipFile, label: str) -> str:
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
            hint=f"it holds {', '.join(names[:5])}" if names else None,
        )
    return names[0]


def decode(content: bytes, label: str) -> tuple[str, tuple[str, ...]]:
    """Text with newlines only, and remarks on how it was read. Raises DataError where it is no text."""
    text, remarks = _decode(content, label)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, remarks


def _decode(content: bytes, label: str) -> tuple[str, tuple[str, ...]]:
    for magic, kind in _FOREIGN.items():
        if content.startswith(magic):
            raise DataError(f"{label}: {kind}, not a table in text form", hint="convert it to CSV")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            pass
        else:
            if "\0" not in text:
                return text, ()
    if b"\0" in content:
        raise DataError(
            f"{label}: not a text file (it holds NUL bytes)", hint="a table in text form is expected"
        )
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        # Excel on Windows; every byte has a meaning in Latin-1, so numbers are never at risk.
        return content.decode("latin-1"), (f"{label} is not UTF-8: read as Latin-1",)
