"""Reading that ends: only what has an end is opened, and no more than a bound is taken into memory.

A file of somebody else may be a device without an end, a named pipe that nobody fills, or too large. Whatever
reads a file opens it here. Refusals are OSErrors whose `strerror` ends the sentence "FILE: cannot be read: …".
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from kancli.memory import memory

_SPECIAL = (
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)
# Of the machine's memory: a table is in memory as bytes, as text and as numbers, and the fit needs some as well.
SHARE = 4
PIECE = 1 << 20
_UNITS = tuple((1 << 10 * n, name) for n, name in enumerate(("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"), 1))[
    ::-1
]


class NotAFileError(OSError):
    """What the path names may have no end, or block."""


class TooLargeError(OSError):
    """There is more to read than the bound."""


def open_regular(path: str | Path, *, pipes: bool = False) -> IO[bytes]:
    """Open a regular file to read, or, with `pipes`, a named pipe (as `<(command)` is one in a shell).

    Raises OSError; a device, and a pipe where none is expected, is told before it is opened, which may block.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(None, "is a directory, not a file", str(path))
    if not (stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode))):
        what = next((name for holds, name in _SPECIAL if holds(mode)), "something else")
        raise NotAFileError(None, f"is {what}, not a file", str(path))
    return open(path, "rb")


def is_special(path: str | Path) -> bool:
    """Whether there is something at a path that cannot be read twice: a device, a pipe, a socket."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_bounded(file: IO[bytes], most: int) -> bytearray:
    """All of a file. Raises TooLargeError where that is more than `most` bytes, having read little more."""
    content = bytearray()
    while block := file.read(min(PIECE, most + 1 - len(content))):
        content += block
        if len(content) > most:
            raise TooLargeError(None, f"is larger than {size(most)}")
    return content


def read_file(path: str | Path, most: int, *, pipes: bool = False) -> bytes:
    """All of the file at a path. Raises OSError as `open_regular` and `read_bounded` do."""
    with open_regular(path, pipes=pipes) as file:
        return bytes(read_bounded(file, most))


def largest_table() -> int:
    """Bytes of text that a table may have which is in memory as a whole: a quarter of the machine's memory."""
    return memory() // SHARE


def size(count: int) -> str:
    """A number of bytes in words: `256 KiB`, `5.7 GiB`."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
