"""Ctrl-C and SIGTERM: an exception in the main thread, so that a run can report what it saved."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM, as KeyboardInterrupt is SIGINT."""


_ENDS: dict[int, type[BaseException]] = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}
_received: type[BaseException] | None = None


@contextmanager
def raised() -> Iterator[None]:
    """Let both signals raise inside the context. In a thread other than the main one they stay as they are."""
    global _received
    _received = None
    try:
        previous = {number: signal.signal(number, _raise) for number in _ENDS}
    except ValueError:
        previous = {}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def check() -> None:
    """Raise again an exception that was lost: a package that is being imported may swallow any exception."""
    if _received is not None:
        raise _received


def _raise(number: int, frame: FrameType | None) -> None:
    global _received
    _received = _ENDS[number]
    raise _received
