"""A spreadsheet formula for Excel and LibreOffice: the inputs stand in A2, B2, … in the order of the columns.

Excel keeps 15 digits of a typed number. -A2^2 is +A2² in Excel, so every power is a call.
"""

from __future__ import annotations

from collections.abc import Sequence

from kancli.export.check import TOLERANCE, Check
from kancli.export.source import Source, plain
from kancli.export.spelling import calls
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a spreadsheet formula: inputs in A2, B2, …"

# A text in a formula may have 255 characters.
_LONGEST_TEXT = 240
# What a cell begins with that is calculated, or is the mark of a text itself.
_FORMULA = ("=", "+", "-", "@", "'")


def _number(value: float) -> str:
    return repr(value).replace("e", "E")


_DIALECT = Dialect(
    functions=calls("excel", lambda entry: entry.name.upper()),
    pi="PI()",
    power="POWER({base},{exponent})",
    square_root="SQRT({})",
    number=_number,
)


def write(source: Source, check: Check | None = None) -> str:
    if check is None:
        return f"={_formula(source, 2)}+{_remark(source)}"
    return _sheet(source, check)


def _formula(source: Source, row: int) -> str:
    cells = [f"{_letters(index)}{row}" for index in range(len(source.columns))]
    return render(source.expression, cells, _DIALECT)


def _remark(source: Source) -> str:
    """N("text") is 0: the usual way to write a comment inside a formula."""
    parts = [f"{_letters(index)}2 is {plain(column)}" for index, column in enumerate(source.columns)]
    text = f"{plain(source.target)}: {', '.join(parts)}".replace('"', "'")
    return f'N("{text[:_LONGEST_TEXT]}")'


def _sheet(source: Source, check: Check) -> str:
    """Lines of cells separated by tabs, to be pasted into A1 of an empty sheet; the last cell is TRUE or FALSE."""
    width = len(source.columns)
    got, expected, agrees = (_letters(width + place) for place in range(3))
    names = (_text(plain(name)) for name in (*source.columns, source.target))
    lines = [[*names, "expected", f"agrees to {TOLERANCE}"]]
    for index, row in enumerate(check.table):
        line = index + 2
        test = f"=ABS({got}{line}-{expected}{line})<={TOLERANCE.upper()}*ABS({expected}{line})"
        lines.append(
            [*map(_number, row[:-1]), f"={_formula(source, line)}", _number(row[-1]), test],
        )
    last = len(check.rows) + 1
    lines.append([*[""] * (width + 1), "all", f"=AND({agrees}2:{agrees}{last})"])
    return "\n".join(_tabbed(line) for line in lines)


def _text(name: str) -> str:
    """A name as a cell: a spreadsheet takes what begins like a formula for one, unless it is marked as text."""
    return f"'{name}" if name.startswith(_FORMULA) else name


def _tabbed(cells: Sequence[str]) -> str:
    return "\t".join(cells)


def _letters(index: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    text = ""
    index += 1
    while index:
        index, place = divmod(index - 1, 26)
        text = chr(ord("A") + place) + text
    return text
