"""Tables whose rows belong to groups."""

from __future__ import annotations

import io

import pytest

from kancli.dataset import labels_of, read_chunks, read_grouped
from kancli.errors import DataError, UsageError

TEXT = b'site,"kind",x,y\nn,"a, b",1,2\ns,c,2,3\nn,"a, b",3,5\ns,c,4,9\n'


def test_the_columns_of_the_groups_are_no_inputs() -> None:
    table = read_grouped("-", ["site"], stream=io.BytesIO(b"site,x,y\nn,1,2\ns,2,3\nn,3,5\n"))
    assert (table.dataset.inputs, table.dataset.target) == (("x",), "y")
    assert table.labels == (("n",), ("s",))
    assert table.group.tolist() == [0, 1, 0]


def test_several_columns_make_one_label() -> None:
    table = read_grouped("-", ["site", "kind"], stream=io.BytesIO(TEXT))
    assert table.labels == (("n", "a, b"), ("s", "c"))


def test_rows_without_a_group_or_a_value_are_left_out_only_if_asked() -> None:
    text = b"site,x,y\nn,1,2\n,2,3\nn,3,\ns,4,5\ns,5,7\n"
    with pytest.raises(DataError):
        read_grouped("-", ["site"], stream=io.BytesIO(text))
    table = read_grouped("-", ["site"], stream=io.BytesIO(text), drop_missing=True)
    assert table.dataset.x[:, 0].tolist() == [1, 4, 5]
    assert table.group.tolist() == [0, 1, 1]


def test_a_column_of_groups_cannot_be_the_target() -> None:
    with pytest.raises(UsageError, match="site"):
        read_grouped("-", ["site"], target="site", stream=io.BytesIO(TEXT))


def test_a_part_is_a_table_of_its_own() -> None:
    table = read_grouped("-", ["site"], inputs=["x"], stream=io.BytesIO(TEXT))
    assert table.part(0, 0.0, 0).y.tolist() == [2, 5]


def test_the_labels_of_a_chunk_are_those_of_its_rows() -> None:
    chunks = read_chunks("-", ["x"], stream=io.BytesIO(TEXT))
    (chunk,) = chunks.rows
    assert labels_of(chunk, chunks, ["kind", "site"]) == [("a, b", "n"), ("c", "s")] * 2
