"""Standard error as something that cannot fail: a remark is never worth the loss of the result."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any, TextIO

# A full disk or a reader that has gone, and a stream that was closed.
FAILURES = (OSError, ValueError)


class Aside:
    """Standard error; a remark that cannot be written is lost, and the command goes on.

    All that kancli writes there goes through here. rich's bars do with a stream of their own: while they are drawn,
    rich puts itself in the place of standard error, so that what is written meanwhile appears above them.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._own = stream

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self._own is None else self._own

    def write(self, text: str) -> int:
        with suppress(*FAILURES):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(*FAILURES):
            self._stream.flush()

    def isatty(self) -> bool:
        with suppress(*FAILURES):
            return self._stream.isatty()
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


ASIDE = Aside()
