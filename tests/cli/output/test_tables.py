"""Tables for eyes: as columns where they fit, row by row where they do not."""

from __future__ import annotations

import pytest

from kancli.cli.output.tables import Table, _number, narrowest, stacked

NAMES = ("edge", "formula")
ROWS = [["0,1,0", "exp(sin(pi*x1) + x2**2)"], ["1,0,0", "x"]]
TABLE = Table(NAMES, ROWS, NAMES, ROWS)


def test_a_long_cell_may_be_folded_but_not_to_slivers() -> None:
    assert narrowest(TABLE) == len("0,1,0") + 2 + 14


def test_row_by_row_nothing_is_folded() -> None:
    assert stacked(TABLE).split("\n\n") == [
        "edge     0,1,0\nformula  exp(sin(pi*x1) + x2**2)",
        "edge     1,0,0\nformula  x",
    ]


@pytest.mark.parametrize("text", ["-", "12", "-0.5", "1e-05", "1-3.1e-10", "0,1,0", "0.99962"])
def test_numbers_are_aligned_as_numbers(text: str) -> None:
    assert _number(text)


@pytest.mark.parametrize("text", ["1/x", "1406.9/V", "2026-11-23 17:26", "x^2", "687/(V - 2)**(3/4)", ""])
def test_functions_and_dates_are_aligned_as_words(text: str) -> None:
    assert not _number(text)
