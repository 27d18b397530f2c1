"""How a table is laid out: separator, decimal sign, header, column names, first row of data."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from kancli.dataset.text.cells import (
    has_decimal_comma,
    has_fraction,
    is_missing,
    is_number,
    is_thousands,
)
from kancli.dataset.text.records import first_row, records, split
from kancli.dataset.text.source import Source
from kancli.errors import DataError, UsageError

_SAMPLE = 100  # rows from which the layout is detected
_CANDIDATES: tuple[str | None, ...] = (",", ";", "\t", "|", None)
_NAMED: dict[str, str | None] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "space": None,
    "whitespace": None,
    " ": None,
}


class NoRowError(DataError):
    """Nothing but comments, blank lines and a header: further on there may be rows."""


@dataclass(frozen=True)
class Layout:
    """`separator` None means runs of blanks. `first` is the physical line (from 1) of the first row.

    `names` has one entry per column; `ignored` are columns (from 0) that contain no information: an
    empty one after a separator at the line's end, and the row count that pandas writes by default.
    `numeric` are the other columns whose sampled cells are mostly numbers.
    """

    separator: str | None
    decimal_comma: bool
    header: bool
    names: tuple[str, ...]
    first: int
    ignored: frozenset[int]
    numeric: tuple[int, ...]
    remarks: tuple[str, ...]


def separator_named(text: str) -> str | None:
    """The separator given by `--sep`: one character, or a word such as `tab` or `whitespace`."""
    if text.lower() in _NAMED:
        return _NAMED[text.lower()]
    if len(text) != 1 or text.isalnum() or text in '"#.+-\n\r':
        raise UsageError(
            f"separator {text!r}: expected one character", hint="for example --sep ';' or --sep tab"
        )
    return text


def detect_layout(source: Source, sep: str | None) -> Layout:
    """Detect the layout from the first rows. Raises NoRowError where there is no row of data."""
    comment, content = _comment_above(source.text)
    if not content:
        what = "only comments in it" if comment else "empty"
        raise NoRowError(f"{source.label}: {what}", hint="expected a table: a header, then rows of numbers")
    separator = separator_named(sep) if sep is not None else _separator(source.text)
    sample = list(islice(records(source.text, separator), _SAMPLE))
    rows = [record.cells for record in sample]
    header = _is_header(rows[0])
    if header and len(rows) == 1:
        raise NoRowError(f"{source.label}:{sample[0].line}: a header, but no rows of data below it")
    units = _units_row(rows) if header else None
    if units is not None:
        del rows[1], sample[1]
    data = rows[1:] if header else rows
    decimal_comma = separator != "," and _has_decimal_commas(data, source.text, separator)
    width = len(rows[0])
    if header:
        names, first = _header_names(rows[0], source.label, sample[0].line), sample[1].line
    else:
        names, first = (*(f"x{i + 1}" for i in range(width - 1)), "y"), sample[0].line
    remarks: list[str] = []
    if not header and comment is not None and (named := _comment_names(comment[1], separator, width)):
        names = named
        remarks.append(f"{source.label}: column names taken from the comment in line {comment[0]}")
    if units is not None:
        given = " ".join(f"--unit {n}={u}" for n, u in zip(names, units, strict=True) if not is_missing(u))
        remarks.append(f"{source.label}: a row of units below the header: left out; {given} uses them")
    ignored: set[int] = set()
    numeric: list[int] = []
    for column in range(width):
        cells = [row[column] for row in data if len(row) == width]
        unnamed = not header or not rows[0][column]
        if (header and names[column] in source.aside) or (unnamed and cells and not any(cells)):
            ignored.add(column)
        elif header and unnamed and column == 0 and cells == [str(i) for i in range(len(cells))]:
            ignored.add(column)
            remarks.append(f"{source.label}: the first column has no name and counts the rows: set aside")
        elif 2 * sum(is_missing(c) or is_number(c, decimal_comma) for c in cells) > len(cells):
            numeric.append(column)
    return Layout(
        separator=separator,
        decimal_comma=decimal_comma,
        header=header,
        names=names,
        first=first,
        ignored=frozenset(ignored),
        numeric=tuple(numeric),
        remarks=tuple(remarks),
    )


def _comment_above(text: str) -> tuple[tuple[int, str] | None, bool]:
    """The last comment above the first row, with its line, and whether there is a row at all."""
    row = first_row(text)
    above = text[:row].rstrip()
    line = above[above.rfind("\n") + 1 :].strip()
    comment = (above.count("\n") + 1, line.lstrip("#").strip()) if line else None
    return comment, row < len(text)


def _separator(text: str) -> str | None:
    """The candidate under which most rows have the same number of cells and most cells are numbers."""
    best: tuple[float, float] = (0.0, 0.0)
    chosen: str | None = ","
    for candidate in _CANDIDATES:
        rows = [record.cells for record in islice(records(text, candidate), _SAMPLE)]
        width, agreeing = Counter(len(row) for row in rows).most_common(1)[0]
        if width < 2:
            continue
        agreement = agreeing / len(rows)
        cells = [cell for row in (rows[1:] or rows) for cell in row if cell]
        numbers = sum(is_missing(c) or is_number(c, decimal_comma=candidate != ",") for c in cells)
        score = (agreement * numbers / max(len(cells), 1), agreement)
        if score > best:
            best, chosen = score, candidate
    return chosen


def _is_header(cells: list[str]) -> bool:
    """A line with a word in it, unless most of it is numbers: then it is a row with a bad cell."""
    words = sum(not is_missing(c) and not is_number(c, decimal_comma=True) for c in cells)
    if not words:
        return False
    numbers = sum(has_fraction(c) for c in cells)
    return numbers == 0 or words > numbers


def _units_row(rows: list[list[str]]) -> list[str] | None:
    """The row below the header, where it has no number although all rows below have them in the same columns."""
    if len(rows) < 4 or len({len(row) for row in rows}) > 1:
        return None
    columns = list(zip(*rows[2:], strict=True))
    numeric = [i for i, cells in enumerate(columns) if all(is_number(c, decimal_comma=True) for c in cells)]
    units = rows[1]
    if not numeric or any(is_number(cell, decimal_comma=True) for cell in units):
        return None
    words = [not is_missing(units[i]) for i in numeric]
    return (
        units
        if any(words) and all(w or units[i] == "-" for w, i in zip(words, numeric, strict=True))
        else None
    )


def _has_decimal_commas(rows: list[list[str]], text: str, separator: str | None) -> bool:
    cells = [cell for row in rows for cell in row]
    if any("." in cell and is_number(cell) for cell in cells):
        return False
    if any(has_decimal_comma(cell) for cell in cells):
        return not _has_thousands(text, separator)
    # Whole numbers only so far: the rest of the file decides.
    if not re.search(r"\d,\d", text) or re.search(r"\d\.\d", text):
        return False
    return not _has_thousands(text, separator)


def _has_thousands(text: str, separator: str | None) -> bool:
    """Whether commas separate thousands: three digits after each, and in one column 16,000 beside 9937."""
    numbers = re.findall(r"(?<![\d.,])\d+(?:,\d+)+(?![\d.,])", text)
    if not all(re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", number) for number in numbers):
        return False
    with_comma, whole = set[int](), set[int]()
    for record in records(text, separator):
        for column, cell in enumerate(record.cells):
            if cell.count(",") > 1 and is_thousands(cell):
                return True
            (with_comma if "," in cell else whole if cell.isdecimal() else set[int]()).add(column)
    return bool(with_comma & whole)


def _header_names(cells: list[str], label: str, line: int) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    cells = [re.sub(r"\s*\n\s*", " ", cell) for cell in cells]  # a name is shown and entered on one line
    for column, name in enumerate(cells, start=1):
        if name and name in seen:
            raise DataError(
                f"{label}:{line}:{column}: column name {name!r} appears twice (first in column {seen[name]})",
                hint="give every column its own name",
            )
        seen[name] = column
    names: list[str] = []
    for column, name in enumerate(cells, start=1):
        if not name:
            name = f"column{column}"
            while name in seen:
                name += "_"
        names.append(name)
    return tuple(names)


def _comment_names(comment: str, separator: str | None, width: int) -> tuple[str, ...] | None:
    """Names from a comment such as numpy.savetxt writes above the rows, if it can be nothing else."""
    cells = split(comment, separator)
    if len(cells) != width or len(set(cells)) != width:
        return None
    fits = re.compile(r"[^\W\d]\w*(?:\s*[\[(/][^,;]*)?")
    return tuple(cells) if all(fits.fullmatch(cell) for cell in cells) else None
