"""The right-hand side as one line in sympy syntax: what other programs read back."""

from kancli.export.source import Source

DESCRIPTION = "the formula on one line, in the column names"


def write(source: Source) -> str:
    return source.text
