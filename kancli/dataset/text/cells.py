"""What a cell of a table can be: a number, missing, or something else."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FORTRAN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[dD][+-]?\d+", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ '_,]\d{3})+(?:\.\d*)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "+nan", "-nan", "null", "none", "-", "--", "?"})


def is_missing(cell: str) -> bool:
    """Empty, or one of the usual words for "not there" in any case: NA, N/A, nan, null, none, -, ?"""
    return cell.casefold() in MISSING


def is_number(cell: str, decimal_comma: bool = False) -> bool:
    """A finite decimal number; `1_000`, `0x1F` and `1,000` are not."""
    if decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
        return True
    return _NUMBER.fullmatch(cell) is not None


def has_decimal_comma(cell: str) -> bool:
    """A number written as 1,5."""
    return _DECIMAL_COMMA.fullmatch(cell) is not None


def is_thousands(cell: str) -> bool:
    """A number with separators of thousands, such as 16,000."""
    return _THOUSANDS.fullmatch(cell) is not None


def has_fraction(cell: str) -> bool:
    """A number that nobody would use as a column name: with a decimal point or an exponent."""
    return not cell.isdecimal() and is_number(cell, decimal_comma=True)


def is_infinite(cell: str) -> bool:
    """`inf` in any writing."""
    return _INFINITE.fullmatch(cell) is not None


def repair(cell: str) -> str | None:
    """How to rewrite a cell that a person, but not this reader, recognises as a number; None if it is text."""
    if _FORTRAN.fullmatch(cell):
        return f"write {re.sub('[dD]', 'e', cell)} instead of {cell}"
    if _THOUSANDS.fullmatch(cell):
        return f"write {re.sub('[^0-9.+-]', '', cell)} without separators of thousands"
    if _DECIMAL_COMMA.fullmatch(cell):
        return "write decimal points, or decimal commas throughout and ';' between the columns"
    return None
