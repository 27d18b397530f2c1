"""The rows of a table as text, with the line of the file in which each begins, which pandas does not report."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from kancli.dataset.text.source import lines_of

# The blanks of a line and its first other character, which is no comment's.
_ROW = re.compile(r"^[^\S\n]*+[^\s#]", re.MULTILINE)
_QUOTED_OR_BARE = re.compile(r'"((?:[^"]|"")*)"(\S*)|(\S+)')


class Record(NamedTuple):
    """One row: its cells, unquoted and stripped, and the physical lines (from 1) that it fills."""

    line: int
    last: int
    cells: list[str]


def records(text: str, separator: str | None, first: int = 1) -> Iterator[Record]:
    """The rows from line `first` on, without blank lines and comments; None separates at runs of blanks.

    A cell in quotes may hold line breaks, but not where blanks separate.
    """
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        line = text[start:] if end < 0 else text[start:end]
        number, begin = number + 1, start
        start += len(line) + 1
        if is_aside(line):
            start, number = _skipped(text, start, number)
            continue
        if number < first:
            continue
        if separator is None or '"' not in line:
            yield Record(number, number, split(line, separator))
            continue
        reader = csv.reader(_lines_until_the_end(text, begin), delimiter=separator, skipinitialspace=True)
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error:  # no closing quote, or a cell beyond csv's size limit: the quote is a character
            yield Record(number, number, [cell.strip() for cell in line.split(separator)])
            continue
        for _ in range(reader.line_num - 1):
            start = (text.find("\n", start) + 1) or len(text)
        yield Record(number, number + reader.line_num - 1, cells)
        number += reader.line_num - 1


def row_lines(text: str, first: int = 1) -> Iterator[str]:
    """The lines of the rows from line `first` on, where no cell in quotes holds a line break."""
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        line = text[start:] if end < 0 else text[start:end]
        number, start = number + 1, start + len(line) + 1
        if is_aside(line):
            start, number = _skipped(text, start, number)
        elif number >= first:
            yield line


def is_aside(line: str) -> bool:
    """Whether a line is blank or a comment."""
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def first_row(text: str, start: int = 0) -> int:
    """Where the line of the next row begins, counted from a beginning of a line; the end of the text if none does."""
    found = _ROW.search(text, start)
    return len(text) if found is None else found.start()


def _skipped(text: str, start: int, number: int) -> tuple[int, int]:
    """Where the next row begins, and how many lines come before it: there may be millions of blank ones."""
    row = first_row(text, start)
    return row, number + text.count("\n", start, row)


def split(line: str, separator: str | None) -> list[str]:
    """The cells of one line."""
    if separator is not None:
        return [cell.strip() for cell in line.split(separator)]
    if '"' not in line:
        return line.split()
    return [
        (quoted.replace('""', '"') + rest or bare).strip()
        for quoted, rest, bare in _QUOTED_OR_BARE.findall(line)
    ]


def _lines_until_the_end(text: str, start: int) -> Iterator[str]:
    for line in lines_of(text, start):
        yield line + "\n"
    raise csv.Error("a quote that never closes")  # csv reads another line only inside quotes
