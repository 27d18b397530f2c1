"""What people write in cells beside plain numbers, and the number that each stands for.

Dates are days since the earliest one, clock times hours, two texts 0 and 1; separators of thousands and percent signs
are left out. An encoding is found from all cells of a column and kept with the model, so that every other table is
read in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from kancli.dataset.text.cells import is_missing, is_number

Kind = Literal["date", "time", "category", "thousands", "percent"]

# Comma, or what cannot be a decimal sign: blanks, an apostrophe, an underscore.
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'_,]\d{3})+(?:\.\d*)?")
_GROUPED_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'_.]\d{3})+(?:,\d*)?")
_NOT_DIGITS = re.compile(r"[^0-9.+-]")
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d*)?))?(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)
_CLOCK = r"(?:[T ]+(?P<time>\d{1,2}:\d\d(?::\d\d(?:\.\d*)?)?)Z?)?"
_MONTH = r"(?P<name>jan|feb|mar|apr|may|june?|july?|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern + _CLOCK, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        _MONTH + r"(?:[ -](?P<day>\d{1,2})(?!\d))?(?:,?[ -](?P<year>\d{4}))?",
        r"(?P<day>\d{1,2})\.?[ -]" + _MONTH + r"(?:,?[ -](?P<year>\d{4}))?",
    )
)
# 03/04/2021 is in March or in April: the other dates of the column say which.
_SLASHES = re.compile(r"(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>\d{4})" + _CLOCK)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Dates without a year lie in one that is not a leap year, or in the leap year before it where 29 February is there.
_YEAR, _LEAP_YEAR = 2001, 2000
_NEGATIONS = ("un", "non", "non-", "non ", "no ", "not ", "not-", "no-", "in", "ab")
_ZERO = frozenset(
    {"no", "n", "false", "f", "off", "absent", "none", "negative", "control", "placebo", "fail", "dead"}
)
_SECONDS = 3600.0

Order: TypeAlias = Literal["", "day first", "month first", "no year"]


@dataclass(frozen=True)
class Encoding:
    """How the cells of a column become numbers.

    `zero`: the earliest date (ISO), or the text that is 0; `one`: the text that is 1. `order`: of the day and the
    month in dates such as 03/04/2021, or that dates have no year.
    """

    kind: Kind
    zero: str = ""
    one: str = ""
    order: Order = ""

    def number(self, cell: str, decimal_comma: bool = False) -> float | None:
        """The number that a cell stands for; None where it is no cell of this kind. A plain number is itself."""
        if is_number(cell, decimal_comma):
            return float(cell.replace(",", ".") if decimal_comma else cell)
        return _READERS[self.kind](self, cell, decimal_comma)

    @property
    def meaning(self) -> str:
        """What the numbers are, in words."""
        if self.kind == "date":
            first = datetime.fromisoformat(self.zero)
            named = f"{first.day} {_MONTHS[first.month - 1].capitalize()}"
            return f"dates, read as days since {named if self.order == 'no year' else _short(self.zero)}"
        return {
            "time": "times of day, read as hours",
            "category": f"two texts, read as {self.zero} = 0 and {self.one} = 1",
            "thousands": "read without separators of thousands",
            "percent": "read as percent: 12% is 12",
        }[self.kind]

    def metadata(self) -> dict[str, str]:
        """As a plain value that `from_metadata` reads."""
        return {key: value for key, value in vars(self).items() if value}


@dataclass(frozen=True)
class Note:
    """What was made of a column: one line, and the option that settles it otherwise."""

    column: str
    text: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.column}: {self.text}" + (f"; {self.hint}" if self.hint else "")


def from_metadata(kept: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Encoding]:
    """The encodings of columns, by their names, that a checkpoint keeps."""
    return {name: Encoding(**one) for name, one in (kept or {}).items()}


def _short(moment: str) -> str:
    return moment.removesuffix("T00:00:00")


def encoding_of(cells: Collection[str], rows: int, decimal_comma: bool = False) -> Encoding | None:
    """The encoding of a column with these different cells in so many rows; None where its cells are plain numbers, or
    nothing that is read as numbers."""
    cells = {cell for cell in cells if not is_missing(cell)}
    odd = {cell for cell in cells if not is_number(cell, decimal_comma)}
    if not odd:
        return None
    if odd == cells and all(cell.endswith("%") for cell in cells):
        return _if_all(Encoding("percent"), cells, decimal_comma)
    if _thousands_are_certain(cells, odd, decimal_comma):
        return Encoding("thousands")
    if all(_hours(cell) is not None for cell in cells):
        return Encoding("time")
    if odd == cells and (dates := _dates(cells)) is not None:
        return dates
    texts = {cell.casefold(): cell for cell in sorted(cells)}
    if odd == cells and len(texts) == 2 and rows > len(texts):
        return _category(*texts.values())
    return None


def _if_all(encoding: Encoding, cells: Collection[str], decimal_comma: bool) -> Encoding | None:
    return encoding if all(encoding.number(cell, decimal_comma) is not None for cell in cells) else None


def _thousands_are_certain(cells: Collection[str], odd: Collection[str], decimal_comma: bool) -> bool:
    """Whether 1,234 can only be a thousand: beside a plain 9937, 1,234.5 or 1,234,567, or by its separator."""
    pattern = _GROUPED_DECIMAL_COMMA if decimal_comma else _THOUSANDS
    if not all(pattern.fullmatch(cell) for cell in odd):
        return False
    doubtful = "." if decimal_comma else ","
    decimal = "," if decimal_comma else "."
    certain = any(cell.count(doubtful) != 1 or decimal in cell for cell in odd)
    return certain or any(cell not in odd for cell in cells)


def _thousands(_: Encoding, cell: str, decimal_comma: bool) -> float | None:
    if decimal_comma:
        if not _GROUPED_DECIMAL_COMMA.fullmatch(cell):
            return None
        return float(re.sub(r"[^0-9,+-]", "", cell).replace(",", "."))
    return float(_NOT_DIGITS.sub("", cell)) if _THOUSANDS.fullmatch(cell) else None


def _percent(_: Encoding, cell: str, decimal_comma: bool) -> float | None:
    number = cell.removesuffix("%").rstrip()
    if number == cell or not is_number(number, decimal_comma):
        return None
    return float(number.replace(",", ".") if decimal_comma else number)


def _category(one: str, other: str) -> Encoding:
    """Of two texts the one that says no is 0, else the first in the alphabet."""
    low, high = one.casefold(), other.casefold()
    denied = any(low == f"{prefix}{high}" for prefix in _NEGATIONS)
    denies = any(high == f"{prefix}{low}" for prefix in _NEGATIONS)
    if denies or (not denied and high in _ZERO and low not in _ZERO):
        one, other = other, one
    return Encoding("category", one, other)


def _of_category(encoding: Encoding, cell: str, _: bool) -> float | None:
    cell = cell.casefold()
    return 0.0 if cell == encoding.zero.casefold() else 1.0 if cell == encoding.one.casefold() else None


def _hours(cell: str) -> float | None:
    found = _TIME.fullmatch(cell)
    if found is None:
        return None
    hours, minutes, seconds, half = found.groups()
    hour = int(hours)
    if half is not None:
        hour = hour % 12 + 12 * (half in "pP")
    if hour > 24:
        return None
    return hour + int(minutes) / 60 + float(seconds or 0) / _SECONDS


def _of_time(_: Encoding, cell: str, __: bool) -> float | None:
    return _hours(cell)


def _dates(cells: Collection[str]) -> Encoding | None:
    """The encoding of a column of dates, where each can be read in one way."""
    orders: tuple[Order, ...] = ("",)
    year = _YEAR
    if any(_SLASHES.fullmatch(cell) for cell in cells):
        orders = ("day first", "month first")
    elif not any(re.search(r"\d{4}", cell) for cell in cells):
        orders = ("no year",)
        year = _YEAR if all(_moment(cell, "", _YEAR) for cell in cells) else _LEAP_YEAR
    possible = []
    for order in orders:
        moments = [_moment(cell, order, year) for cell in cells]
        if all(moment is not None for moment in moments):
            possible.append(
                Encoding("date", min(m for m in moments if m is not None).isoformat(), order=order)
            )
    return possible[0] if len(possible) == 1 else None


def _moment(cell: str, order: Order, year: int) -> datetime | None:
    """The date of a cell, in `year` where it names none; None where it is no date."""
    slashes = _SLASHES.fullmatch(cell)
    if slashes is not None:
        first, second = int(slashes["one"]), int(slashes["two"])
        day, month = (first, second) if order == "day first" else (second, first)
        return _date(int(slashes["year"]), month, day, slashes["time"])
    for pattern in _DATES:
        found = pattern.fullmatch(cell)
        if found is not None:
            part = found.groupdict()
            named = part.get("name")
            month = _MONTHS.index(named.lower()[:3]) + 1 if named else int(found["month"])
            return _date(int(part["year"] or year), month, int(part["day"] or 1), part["time"])
    return None


def _date(year: int, month: int, day: int, time: str | None) -> datetime | None:
    hours = _hours(time) if time else 0.0
    try:
        moment = datetime(year, month, day)
    except ValueError:
        return None
    if hours is None:
        return None
    return datetime.fromordinal(moment.toordinal()) + _HOUR * hours


def _of_date(encoding: Encoding, cell: str, _: bool) -> float | None:
    zero = datetime.fromisoformat(encoding.zero)
    moment = _moment(cell, encoding.order, zero.year if encoding.order == "no year" else _YEAR)
    return None if moment is None else (moment - zero).total_seconds() / (24 * _SECONDS)


_HOUR = datetime(2000, 1, 1, 1) - datetime(2000, 1, 1)
_READERS: Mapping[Kind, Callable[[Encoding, str, bool], float | None]] = {
    "date": _of_date,
    "time": _of_time,
    "category": _of_category,
    "thousands": _thousands,
    "percent": _percent,
}
