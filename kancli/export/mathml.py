"""The equation in MathML Core, which browsers draw without any script."""

from __future__ import annotations

from kancli.export.source import Source
from kancli.symbolic.text.mathml import mathml

DESCRIPTION = "the equation in MathML, for a web page"


def write(source: Source) -> str:
    columns = [_printable(column) for column in source.columns]
    return mathml(source.expression, columns, _printable(source.target))


def _printable(column: str) -> str:
    """Without characters that XML does not allow."""
    return "".join(character if character.isprintable() else " " for character in column)
