"""The formula as source text: one module a target, loaded when it is asked for.

A target is a module with `DESCRIPTION` and `write(source) -> str`; adding one is a line in `_TARGETS`.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kancli.errors import UsageError

if TYPE_CHECKING:
    from kancli.symbolic.formula import Formula

_TARGETS = {
    "text": "kancli.export.text",
    "latex": "kancli.export.latex",
    "python": "kancli.export.python",
    "sympy": "kancli.export.sympy",
    "json": "kancli.export.json",
}


def formats() -> tuple[str, ...]:
    """The names that `export` understands."""
    return tuple(_TARGETS)


def description(format: str) -> str:
    """One line saying what a format is."""
    return str(_target(format).DESCRIPTION)


def export(formula: Formula | Mapping[str, Any], format: str = "text") -> str:
    """The formula (or the metadata of a checkpoint that has one) as source text, without a final newline.

    Raises UsageError for a format there is not, and for metadata without a formula.
    """
    from kancli.export.source import source_of

    return str(_target(format).write(source_of(formula))).rstrip("\n")


def _target(format: str) -> Any:
    if format not in _TARGETS:
        close = difflib.get_close_matches(format, _TARGETS, 1)
        hint = f"did you mean {close[0]}?" if close else f"formats: {', '.join(_TARGETS)}"
        raise UsageError(f"there is no export format {format!r}", hint)
    return importlib.import_module(_TARGETS[format])
