"""Reading in pieces gives what reading at once gives, wherever the pieces end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kancli.dataset import Chunks, read_chunks, read_columns
from kancli.errors import DataError

ROWS = [(i / 7, i * i, f"name {i}" if i % 5 else 'a "quoted"\nname') for i in range(60)]


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if '"' in text or "\n" in text else text


TABLE = "# a comment\nx,y,who\n" + "".join(f"{x!r},{y},{cell(who)}\n" for x, y, who in ROWS)


def values(chunks: Chunks) -> np.ndarray:
    return np.concatenate([chunk.values for chunk in chunks.rows])


@pytest.mark.parametrize("size", [50, 333, 1 << 20])
def test_pieces_of_any_size_hold_the_same_rows(tmp_path: Path, size: int) -> None:
    path = tmp_path / "data.csv"
    path.write_text(TABLE)
    chunks = read_chunks(str(path), ["y", "x"], size=size)
    assert (values(chunks) == read_columns(str(path), ["y", "x"])).all()


@given(st.integers(min_value=40, max_value=400))
@settings(max_examples=30, deadline=None)
def test_lines_come_back_as_they_stand_in_the_file(size: int) -> None:
    chunks = read_chunks("-", ["x"], stream=io.BytesIO(TABLE.encode()), size=size)
    lines = [line for chunk in chunks.rows for line in chunk.lines()]
    assert "# a comment\n" + "\n".join([chunks.heading, *lines]) + "\n" == TABLE


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", content)
    return buffer.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped,
    "utf-16": lambda content: content.decode().encode("utf-16"),
    "bom": lambda content: b"\xef\xbb\xbf" + content,
    "crlf": lambda content: content.replace(b"\n", b"\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("pack", PACK)
def test_compressed_and_encoded_tables_are_read_in_pieces_too(tmp_path: Path, pack: str) -> None:
    path = tmp_path / "data"
    path.write_bytes(PACK[pack](TABLE.encode()))
    expected = np.array([(x, y) for x, y, _ in ROWS])
    assert (values(read_chunks(str(path), ["x", "y"], size=100)) == expected).all()
    stream = io.BytesIO(path.read_bytes())
    assert (values(read_chunks("-", ["x", "y"], stream=stream, size=100)) == expected).all()


def test_a_bad_cell_is_named_by_its_line_in_the_whole_file() -> None:
    text = "x,y\n" + "1,2\n" * 500 + "1,oops\n"
    chunks = read_chunks("-", ["x", "y"], stream=io.BytesIO(text.encode()), size=64)
    with pytest.raises(DataError, match=r"^<stdin>:502:2: column 'y': not a number: 'oops'$"):
        values(chunks)


def test_rows_left_out_are_counted_and_have_no_line() -> None:
    text = "x,y\n1,2\n,3\n4,5\n"
    (chunk,) = read_chunks("-", ["x"], stream=io.BytesIO(text.encode()), drop_missing=True).rows
    assert (chunk.values.ravel().tolist(), chunk.dropped, chunk.lines()) == ([1.0, 4.0], 1, ["1,2", "4,5"])


def test_optional_columns_come_where_they_are_there() -> None:
    chunks = read_chunks("-", ["y"], optional=["k", "x"], stream=io.BytesIO(b"x,y\n1,2\n3,4\n"))
    assert chunks.found == ("y", "x")
    assert values(chunks).tolist() == [[2.0, 1.0], [4.0, 3.0]]


def test_a_missing_column_names_the_nearest() -> None:
    with pytest.raises(DataError, match=r"no column 'speed'; did you mean 'Speed'\?"):
        read_chunks("-", ["speed"], stream=io.BytesIO(b"Speed,y\n1,2\n"))


def test_a_damaged_compressed_table_is_an_error_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(TABLE.encode())[:-30])
    with pytest.raises(DataError, match="damaged compressed file"):
        values(read_chunks(str(path), ["x"], size=100))
