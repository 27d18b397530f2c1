"""Whatever table of finite numbers is written, the same numbers come back; whatever bytes, no crash."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kancli.dataset import Dataset, read_columns, read_dataset
from kancli.dataset.text import parse
from kancli.errors import KanError

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="#"), min_size=1, max_size=6
).filter(lambda name: not name.isascii() or name[0].isalpha())


@st.composite
def tables(draw) -> np.ndarray:
    shape = (draw(st.integers(1, 8)), draw(st.integers(2, 5)))
    return draw(arrays(np.float64, shape, elements=FLOATS))


@given(tables(), st.sampled_from([",", ";", "\t", "|", " ", "  "]), st.booleans(), st.booleans())
@example(values=np.zeros((1, 2)), separator=";", header=False, decimal_comma=True)
@settings(deadline=None)
def test_numbers_survive_any_separator_to_the_bit(
    values: np.ndarray, separator: str, header: bool, decimal_comma: bool
) -> None:
    rows = [[repr(value) for value in row] for row in values.tolist()]
    if decimal_comma and separator != ",":
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    names = [f"x{i + 1}" for i in range(values.shape[1] - 1)] + ["y"]
    lines = [separator.join(row) for row in ([names] if header else []) + rows]
    back = read_columns("-", names, stream=io.BytesIO("\n".join(lines).encode()))
    assert back.tobytes() == values.tobytes()


@given(st.lists(NAMES, min_size=2, max_size=4, unique=True), st.sampled_from([",", ";", "\t"]))
@settings(deadline=None)
def test_names_survive_quoting(names: list[str], separator: str) -> None:
    assume(not any(cell.casefold() in {"nan", "na", "null", "none"} for cell in names))
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([names, range(len(names)), range(1, len(names) + 1)])
    data = read_dataset("-", stream=io.BytesIO(buffer.getvalue().encode()), sep=separator)
    assert [*data.inputs, data.target] == names


@given(st.binary(max_size=60) | st.text("0123456789.,;-+eE\n\t #\"'xyNA\r\x00", max_size=60).map(str.encode))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_a_table_or_one_clear_error(content: bytes) -> None:
    try:
        data = read_dataset("-", stream=io.BytesIO(content))
    except KanError as error:
        problem = error
    else:
        assert np.isfinite(data.x).all()
        assert np.isfinite(data.y).all()
        return
    assert "\n" not in problem.message


@given(
    st.lists(
        st.lists(st.sampled_from(["1", "2.5", "", "NA", "nan"]), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None)
def test_dropping_keeps_exactly_the_complete_rows(rows: list[list[str]]) -> None:
    complete = [[float(cell) for cell in row] for row in rows if all(c in ("1", "2.5") for c in row)]
    anchors = [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]
    text = "\n".join(["a,b,y", *(",".join(row) for row in rows), "7,8,9", "10,11,12"])
    data = read_dataset("-", stream=io.BytesIO(text.encode()), drop_missing=True)
    assert np.column_stack([data.x, data.y]).tolist() == complete + anchors


TRICKY = [
    "1", "2.5", "1,5", "", "NA", "nAn", "?", "x", '"4"', '"a\nb"', '"# h\n# i"', "#3", "Mars #3", " 7 ",
    "True", "inf", "1e400", "1_0", '5"', '"un', '"z"t', "1 2", "\xa01", "\x0b2",
]  # fmt: skip


@given(
    st.lists(st.lists(st.sampled_from(["1", "-2.5", "3e5", "0", *TRICKY]), max_size=4), max_size=6),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.booleans(),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_pandas_never_reads_what_a_look_at_each_cell_would_not(
    rows: list[list[str]], separator: str, all_columns: bool, drop_missing: bool
) -> None:
    lines = [separator.join(row) for row in [["a", "b", "y"], ["1", "2", "3"], ["5", "6", "4"], *rows]]
    content = "\n".join(lines).encode()

    def read() -> Dataset | str:
        inputs = None if all_columns else ["b"]
        try:
            return read_dataset("-", inputs=inputs, drop_missing=drop_missing, stream=io.BytesIO(content))
        except KanError as error:
            return error.message

    with_pandas = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_parse", lambda *_: None)
        without = read()
    if isinstance(with_pandas, str) or isinstance(without, str):
        assert with_pandas == without
    else:
        assert (with_pandas.fingerprint, with_pandas.remarks) == (without.fingerprint, without.remarks)
