"""Rows and the lines that are none: the same as one line after another would tell, and fast."""

from __future__ import annotations

import io
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kancli.dataset import profile, read_chunks, read_dataset
from kancli.dataset.text.records import records, row_lines

LINES = 1 << 20
BELOW = "3,4\n5,7\n"

texts = st.text(alphabet=" \t\n\n\n##1,a\x0b\u2003", max_size=60)


def plainly(text: str, first: int) -> list[tuple[int, str]]:
    """Number and text of every line from `first` on that is a row, told line by line."""
    lines = enumerate(text.split("\n"), start=1)
    return [(n, s) for n, s in lines if n >= first and s.strip() and not s.strip().startswith("#")]


@given(texts, st.integers(1, 5))
def test_rows_are_those_of_the_lines_that_are_neither_blank_nor_comments(text: str, first: int) -> None:
    expected = plainly(text, first)
    assert [row.line for row in records(text, ",", first)] == [number for number, _ in expected]
    assert list(row_lines(text, first)) == [line for _, line in expected]


@given(texts, texts)
def test_a_cell_in_quotes_may_hold_what_elsewhere_is_a_blank_line_or_a_comment(above: str, cell: str) -> None:
    text = f'{above}\n1,"{cell}"\n#\n\n2,3\n'
    *_, quoted, last = records(text, ",")
    assert quoted.cells == ["1", cell.strip()]
    assert (quoted.line, last.line) == (above.count("\n") + 2, text.count("\n"))
    assert last.cells == ["2", "3"]


@pytest.mark.parametrize("line", ["\n", "#\n"], ids=["blank", "comment"])
@pytest.mark.parametrize("place", ["above", "between", "below"])
@pytest.mark.parametrize(
    "read",
    [
        lambda file: len(read_dataset("-", stream=file).y),
        lambda file: profile("-", stream=file).rows,
        lambda file: sum(len(part.values) for part in read_chunks("-", ["x"], stream=file).rows),
    ],
    ids=["read_dataset", "profile", "read_chunks"],
)
def test_lines_without_a_row_cost_next_to_nothing(read: Callable[[Any], int], place: str, line: str) -> None:
    many = line * LINES
    text = {
        "above": f"{many}x,y\n1,2\n{BELOW}",
        "between": f"x,y\n1,2\n{many}{BELOW}",
        "below": f"x,y\n1,2\n{BELOW}{many}",
    }[place]
    read(io.BytesIO(b"x,y\n1,2\n3,4\n"))  # which imports pandas
    began = process_time()
    assert read(io.BytesIO(text.encode())) == 3
    assert process_time() - began < 2e-6 * LINES  # line by line it takes twice that and more
