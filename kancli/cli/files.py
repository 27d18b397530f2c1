"""Files that `-o` names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from kancli.errors import UsageError


@contextmanager
def replacing(output: str) -> Iterator[TextIO]:
    """A text file that gets its name when it is complete, so that it can be written while the old one is read.

    Anything but an ordinary file (/dev/stdout, a named pipe) is written directly. Raises UsageError where
    nothing can be written.
    """
    path = Path(output)
    if path.exists() and not path.is_file():
        with _opened(path, output) as file:
            yield file
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
        # mkstemp makes files that nobody else may read.
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def write_bytes(output: str, content: bytes) -> None:
    """Write a complete file. Raises UsageError where that is not possible."""
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise _unwritable(output, error) from error


def _opened(path: Path, output: str) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: str, error: OSError) -> UsageError:
    return UsageError(f"-o {output}: cannot be written: {error.strerror or error}")


def _umask() -> int:
    # There is no way to read it without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
