"""Files that appear complete or not at all, and what killed processes have left of theirs.

A file is written under a hidden name beside its own, which it takes when all of it is on the disk. A process that is
killed on the way leaves the hidden file; whoever writes the same file next removes it. Nobody else can tell whether
a hidden file is still being written, so its writer holds a lock on it, which ends with the process.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # no POSIX
    fcntl = None  # type: ignore[assignment]

# What a hidden name ends with; between it and the name stand tempfile's eight characters.
HIDDEN = ".kancli.tmp"
# Characters of the file's name in the hidden one, which the system keeps below 255 bytes.
SHOWN = 40
# Seconds since a hidden file was last written to: younger ones may not be locked yet.
STALE = 60.0


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` at the end of the block; after a failure an older one is as it was.

    The mode is that of the older file. Raises OSError.
    """
    begin = f".{path.name[:SHOWN]}."
    remove_leftovers(path.parent, re.compile(f"{re.escape(begin)}[a-z0-9_]{{8}}{re.escape(HIDDEN)}"))
    handle, hidden = tempfile.mkstemp(dir=path.parent, prefix=begin, suffix=HIDDEN)
    with held(handle):
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes files that nobody else may read.
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            with suppress(PermissionError):  # some drives know no modes
                os.chmod(hidden, mode)
            os.replace(hidden, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(hidden)
            raise


@contextmanager
def held(handle: int) -> Iterator[None]:
    """Mark an open file as being written until the block, or the process, ends; `handle` may be closed earlier."""
    if fcntl is None:
        yield
        return
    copy = os.dup(handle)
    try:
        with suppress(OSError):  # some network drives know no locks, and then no leftovers are removed either
            fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(copy)


def remove_leftovers(folder: Path, name: re.Pattern[str]) -> None:
    """Remove the files of a folder whose names match, which are old and which nobody is writing."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if name.fullmatch(entry.name):
                with suppress(OSError):
                    _remove_leftover(entry.path)


def _remove_leftover(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        facts = os.fstat(handle)
        if stat.S_ISREG(facts.st_mode) and time.time() - facts.st_mtime > STALE:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    finally:
        os.close(handle)


def _umask() -> int:
    # There is no way to read it without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
