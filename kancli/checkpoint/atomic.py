"""The numbered files of a folder, and lines added to a file, while other processes do the same."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kancli.writing import held, remove_leftovers


def create_numbered(
    folder: Path, stem: str, suffix: str, content: Callable[[int], bytes]
) -> tuple[Path, int]:
    """Write `NNNN-stem.suffix` under the next free number, even while other processes write.

    The temporary file is named after the number alone and created exclusively, so it is also the claim on
    that number: of two processes one gets it and the other moves on. After a crash at most such a hidden
    file is left, which a later call removes. `content(number)` gives the bytes. Raises OSError.
    """
    remove_leftovers(folder, re.compile(rf"\.\d{{4,}}{re.escape(suffix)}\.tmp"))
    number = _highest(folder, suffix)
    while True:
        number += 1
        claim = folder / f".{number:04d}{suffix}.tmp"
        try:
            handle = os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        except FileExistsError:
            continue
        with held(handle):
            try:
                with os.fdopen(handle, "wb") as file:
                    # Another process may have finished with this number between the listing and the claim.
                    if _taken(folder, number, suffix):
                        continue
                    _write_through(file.fileno(), content(number))
                path = folder / f"{number:04d}-{stem}{suffix}"
                _rename_exclusively(claim, path)
            finally:
                with suppress(OSError):  # a drive that is busy: the file is there all the same
                    claim.unlink(missing_ok=True)
        _sync_folder(folder)
        return path, number


def append_line(path: Path, line: str) -> None:
    """Add one line in a single write, so that lines of two processes never mix. Raises OSError.

    Where a crash or a full disk has cut the last line short, it ends there.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        if os.lseek(handle, 0, os.SEEK_END):
            os.lseek(handle, -1, os.SEEK_END)
            line = line if os.read(handle, 1) == b"\n" else f"\n{line}"
        _write_through(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def numbered(folder: Path, suffix: str) -> list[tuple[int, Path]]:
    """The complete numbered files of a folder, by number."""
    found = []
    for entry in folder.iterdir():
        digits = entry.name.partition("-")[0]
        if entry.name.endswith(suffix) and digits.isdecimal() and digits.isascii():
            found.append((int(digits), entry))
    return sorted(found)


def _highest(folder: Path, suffix: str) -> int:
    return max((number for number, _ in numbered(folder, suffix)), default=0)


def _taken(folder: Path, number: int, suffix: str) -> bool:
    return any(number == other for other, _ in numbered(folder, suffix))


def _rename_exclusively(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except FileExistsError:
        # A network drive repeats a request whose answer was lost: then it is this very file.
        if not os.path.samefile(source, path):
            raise
    except (OSError, NotImplementedError, AttributeError):
        # No hard links here (exFAT, some network drives); the claim excludes other processes.
        if path.exists():
            raise FileExistsError(f"{path} exists") from None
        os.rename(source, path)


def _write_through(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network drives cannot; the file itself is safe
    finally:
        os.close(handle)
