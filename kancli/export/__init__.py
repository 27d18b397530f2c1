"""The formula as source text: one module per target, imported when it is used.

A target is a module with `DESCRIPTION` and `write(source) -> str`, or `write(source, check=None)` if the file can
test itself. A new one also needs a name in `kancli.recipe.export_formats`.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kancli.errors import UsageError
from kancli.recipe.export_formats import ALIASES, FORMATS, known_as

if TYPE_CHECKING:
    from kancli.symbolic.expression.tree import Expression
    from kancli.symbolic.formula import Formula

_TARGETS = {
    **{name: f"kancli.export.{name}" for name in FORMATS},
    "c++": "kancli.export.cpp",
}
# The formats with self-testing files: their `write` takes a Check as well.
_TESTABLE = (
    "python",
    "torch",
    "jax",
    "c",
    "c++",
    "fortran",
    "julia",
    "rust",
    "javascript",
    "octave",
    "r",
    "excel",
)


def formats() -> tuple[str, ...]:
    """The names that `export` understands."""
    return tuple(_TARGETS)


def description(format: str) -> str:
    """One line describing a format."""
    return str(_target(format).DESCRIPTION)


def export(formula: Formula | Mapping[str, Any], format: str = "text", *, with_test: bool = False) -> str:
    """The formula (or the metadata of a checkpoint that has one) as source text, without a final newline.

    `with_test` adds rows from the ranges of the data with their expected values, and a main program that compares
    and exits with 0 or 1. Raises UsageError for an unknown format, for one that cannot write a function of the
    formula, for metadata without a complete formula, and for a test that is not possible for the format or the
    formula.
    """
    from kancli.export.check import check_of
    from kancli.export.source import source_of

    target = _target(format)
    source = source_of(formula)
    _refuse_unwritable(source.expression, format)
    if not with_test:
        return str(target.write(source)).rstrip("\n")
    if known_as(format) not in _TESTABLE:
        raise UsageError(
            f"{format} is not a program and cannot test itself",
            f"--with-test works with {', '.join(_TESTABLE)}",
        )
    return str(target.write(source, check_of(source))).rstrip("\n")


def _refuse_unwritable(expression: Expression, format: str) -> None:
    from kancli.export.spelling import unwritable
    from kancli.symbolic.expression.tree import Call, walk

    called = {node.function for node in walk(expression) if isinstance(node, Call)}
    if missing := sorted(called & unwritable(known_as(format))):
        able = [name for name in _TARGETS if not called & unwritable(name)]
        raise UsageError(
            f"{format} cannot write {', '.join(missing)}, which the formula contains",
            f"formats that can: {', '.join(able)}",
        )


def _target(format: str) -> Any:
    name = known_as(format)
    if name not in _TARGETS:
        close = difflib.get_close_matches(format, [*_TARGETS, *ALIASES], 1)
        hint = f"did you mean {close[0]}?" if close else f"formats: {', '.join(_TARGETS)}"
        raise UsageError(f"no export format {format!r}", hint)
    return importlib.import_module(_TARGETS[name])
