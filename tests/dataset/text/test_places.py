"""Where rows stand in their file."""

from __future__ import annotations

import io

import pytest

from kancli.dataset import read_dataset


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x,y\n1,2\n2,3\n3,5\n", [(1, 2), (2, 3), (3, 4)]),
        ("1,2\n2,3\n3,5\n", [(1, 1), (2, 2), (3, 3)]),
        ("# one\n# two\nx,y\n1,2\n\n2,3\n# three\n3,5\n", [(1, 4), (2, 6), (3, 8)]),
        ("x,y\n1,2\n,3\n3,5\n", [(1, 2), (3, 4)]),
        ("x,y,note\n1,2,a\n2,3,b\n3,5,c", [(1, 2), (2, 3), (3, 4)]),
    ],
)
def test_a_row_has_its_line_whatever_stands_before_it(text: str, expected: list[tuple[int, int]]) -> None:
    table = read_dataset("-", stream=io.BytesIO(text.encode()), inputs=None if "note" not in text else ["x"],
                         target=None if "note" not in text else "y", drop_missing=True)  # fmt: skip
    assert table.places is not None
    assert [tuple(place) for place in table.places.tolist()] == expected
