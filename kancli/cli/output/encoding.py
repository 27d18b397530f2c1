"""Replacements for ², → and other signs where the locale has no such characters."""

from __future__ import annotations

import codecs
import sys
from typing import Any

ERRORS = "kancli.signs"
"""The name of the error handler that writes signs of kancli's own in ASCII, and anything else as \\uXXXX."""

SIGNS = {
    "²": "2",
    "³": "3",
    "→": "->",
    "…": "...",
    "·": "*",
    "×": "x",
    "−": "-",
    "≈": "~",
    "χ": "chi",
    "Σ": "sum",
    "φ": "phi",
}


def register() -> None:
    """Register the handler with Python."""
    codecs.register_error(ERRORS, _in_ascii)


def unicode(stream: Any = None) -> bool:
    """Whether a stream (by default standard output) can show any character."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "ascii"
    return str(encoding).lower().replace("-", "").startswith("utf")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    replaced = (
        SIGNS.get(sign) or sign.encode("ascii", "backslashreplace").decode()
        for sign in error.object[error.start : error.end]
    )
    return "".join(replaced), error.end
