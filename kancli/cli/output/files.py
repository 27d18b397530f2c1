"""Files that `-o` names: every one is written here, complete or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from kancli import writing
from kancli.errors import UsageError


@contextmanager
def replacing(output: str) -> Iterator[TextIO]:
    """A text file that gets its name when it is complete, so that it can be written while the old one is read.

    Until then, and after a failure or a crash, an older file of that name is as it was. What is no ordinary file
    (/dev/stdout, a named pipe) is written as it comes. Raises UsageError where it cannot be written.
    """
    with replacing_bytes(output) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        try:
            yield text
            text.flush()
        finally:
            with suppress(ValueError, OSError):  # after a failure there may be no room for the rest
                text.detach()


@contextmanager
def replacing_bytes(output: str) -> Iterator[BinaryIO]:
    """The same for a file that is no text."""
    try:
        if os.path.exists(output) and not os.path.isfile(output):
            with open(output, "wb") as file:
                yield file
            return
        # A link keeps its place: what is replaced is the file that it leads to.
        with writing.replacing(Path(os.path.realpath(output))) as file:
            yield file
    except BrokenPipeError:
        raise  # a reader that has gone, of a pipe that -o names, ends the command as one of standard output does
    except OSError as error:
        raise UsageError(f"-o {output}: cannot be written: {error.strerror or error}") from error


def write_text(output: str, content: str) -> None:
    """Write a text file whole. Raises UsageError where that is not possible."""
    with replacing(output) as file:
        file.write(content)


def write_bytes(output: str, content: bytes) -> None:
    """The same for a file that is no text."""
    with replacing_bytes(output) as file:
        file.write(content)
