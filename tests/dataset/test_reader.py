"""Reading tables: what arrives, in which layout it may come, and which rows are held out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, load_table, read_columns, read_dataset, save_table, scaling
from kancli.errors import DataError, UsageError

PLAIN = "a,b,y\n1,-2.5,3\n4,5e-1,6\n7,8,9.25\n"


def read(text: str | bytes, **options) -> Dataset:
    content = text if isinstance(text, bytes) else text.encode()
    return read_dataset("-", stream=io.BytesIO(content), **options)


def numbers(data: Dataset) -> list[list[float]]:
    return np.column_stack([data.x, data.y]).tolist()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("folder/data.csv", content)
    return buffer.getvalue()


LAYOUTS = pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", " "),
        PLAIN.replace(",", "   "),
        PLAIN.replace(",", ", "),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace(",", "\t").replace(".", ","),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.rstrip(),
        "\ufeff" + PLAIN,
        "# measured on Monday, twice\n\n" + PLAIN.replace("4,", "# rain\n\n   \n4,"),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("a,b,y", '"a","b","y"').replace("-2.5", '"-2.5"'),
    ],
    ids=[
        "comma", "semicolon", "tab", "bar", "blank", "blanks", "comma and blank", "decimal comma",
        "decimal comma and tab", "CRLF", "CR", "no newline at the end", "BOM", "comments and blank lines",
        "separator at the end of lines", "quotes",
    ],
)  # fmt: skip


@LAYOUTS
def test_the_same_table_in_any_layout_is_the_same_dataset(text: str) -> None:
    data = read(text)
    assert data.inputs == ("a", "b")
    assert data.target == "y"
    assert numbers(data) == [[1, -2.5, 3], [4, 0.5, 6], [7, 8, 9.25]]
    assert data.fingerprint == read(PLAIN).fingerprint


@LAYOUTS
def test_pandas_reads_any_layout_without_help(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("kancli.dataset.text.parse.parse_cell_by_cell")
    assert len(read(text).y) == 3


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
@pytest.mark.parametrize("through", ["file", "stream"])
def test_compressed_tables_are_read(pack, through: str, tmp_path: Path) -> None:
    content = pack(PLAIN.encode())
    if through == "stream":
        data = read(content)
    else:
        path = tmp_path / "data.csv.packed"
        path.write_bytes(content)
        data = read_dataset(str(path))
        assert data.source == str(path)
    assert numbers(data) == numbers(read(PLAIN))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_arrive_in_any_unicode_encoding(encoding: str) -> None:
    assert read("ϑ [°C],y\n1,2\n3,4\n".encode(encoding)).inputs == ("ϑ [°C]",)


def test_latin_1_is_read_with_a_remark() -> None:
    data = read("T [°C],y\n1,2\n3,4\n".encode("latin-1"))
    assert data.inputs == ("T [°C]",)
    assert data.remarks == ("<stdin> is not UTF-8: read as Latin-1",)


@pytest.mark.parametrize(
    "name", ["T [K]", "lambda", "E", "x/y", "m_0", "a b", "1st", "β", "y,z", 'say ""hi""']
)
def test_column_names_are_kept_as_they_are(name: str) -> None:
    data = read(f'"{name}",y\n1,2\n3,4\n')
    assert data.inputs == (name.replace('""', '"'),)


def test_without_a_header_the_columns_are_x1_to_xd_and_y() -> None:
    data = read("1,2,3\n4,5,6\n")
    assert (data.inputs, data.target) == (("x1", "x2"), "y")
    assert numbers(data) == [[1, 2, 3], [4, 5, 6]]


def test_the_header_that_numpy_savetxt_writes_gives_the_names() -> None:
    buffer = io.BytesIO()
    np.savetxt(buffer, [[1, 2], [3, 4]], header="a T")
    data = read(buffer.getvalue())
    assert (data.inputs, data.target) == (("a",), "T")
    assert data.remarks == ("<stdin>: column names taken from the comment in line 1",)


@pytest.mark.parametrize("comment", ["# measured on Monday", "# 1 2", "# a, b", "# a a"])
def test_a_comment_in_prose_gives_no_names(comment: str) -> None:
    assert read(f"{comment}\n1 2\n3 4\n").inputs == ("x1",)


def test_the_row_count_that_pandas_writes_is_set_aside() -> None:
    data = read(",a,y\n0,5,1\n1,3,4\n2,9,2\n")
    assert data.inputs == ("a",)
    assert data.remarks == ("<stdin>: the first column has no name and counts the rows: set aside",)


def test_target_and_inputs_are_chosen_by_name_and_in_the_order_asked_for() -> None:
    data = read(PLAIN, target="a", inputs=["y", "b"])
    assert (data.inputs, data.target) == (("y", "b"), "a")
    assert numbers(data) == [[3, -2.5, 1], [6, 0.5, 4], [9.25, 8, 7]]


def test_a_text_column_does_not_matter_where_it_is_not_used() -> None:
    text = 'planet,a,T\nMars,1.5,1.9\n"Earth, #3",1,1\n'
    data = read(text, inputs=["a"])
    assert numbers(data) == [[1.5, 1.9], [1, 1]]


def test_a_cell_in_quotes_may_hold_line_breaks_and_what_looks_like_a_comment() -> None:
    text = '"remark, if any","a\n [m]",y\n"wet\n\n# windy, ""cold""\n",1,2\n# "rain\ndry,3,4\n'
    data = read(text, inputs=["a [m]"])
    assert numbers(data) == [[1, 2], [3, 4]]


def test_a_quote_that_never_closes_is_a_character() -> None:
    assert numbers(read('size,a,y\n"5,1,2\n6,3,4\n', inputs=["a"])) == [[1, 2], [3, 4]]


def test_sep_overrides_the_detection() -> None:
    data = read("a|b;y\n1;2\n3;4\n", sep=";")
    assert data.inputs == ("a|b",)
    assert read("a b,y\n1,2\n3,4\n", sep="comma").inputs == ("a b",)


@pytest.mark.parametrize("sep", ["ab", "", "5", '"', "."])
def test_a_separator_that_can_be_none_is_bad_usage(sep: str) -> None:
    with pytest.raises(UsageError, match="expected one character"):
        read(PLAIN, sep=sep)


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "null", "-", "?"])
def test_rows_with_missing_values_are_left_out_on_request(missing: str) -> None:
    data = read(f"a,b,y\n1,2,3\n{missing},2,4\n7,8,9\n7,{missing},{missing}\n", drop_missing=True)
    assert numbers(data) == [[1, 2, 3], [7, 8, 9]]
    assert data.remarks == ("<stdin>: 2 rows with missing values left out, 2 used",)


def test_missing_values_in_a_column_that_is_not_used_do_not_matter() -> None:
    assert len(read("note,a,y\n,1,2\nNA,3,4\n", inputs=["a"]).y) == 2


def test_constant_columns_are_set_aside_with_a_remark() -> None:
    data = read("a,g,zero,y\n1,9.81,0,2\n2,9.81,0,3\n")
    assert data.inputs == ("a",)
    assert data.x.shape == (2, 1)
    assert data.constant == {"g": 9.81, "zero": 0.0}
    assert data.remarks == (
        "<stdin>: column 'g' is always 9.81: set aside",
        "<stdin>: column 'zero' is always 0: set aside",
    )


def test_numbers_at_the_ends_of_the_range_are_exact() -> None:
    cells = ["1e-20", "1e20", "4.9e-324", "1.7976931348623157e308", "0.1", "9007199254740993", "-0.0"]
    data = read("a,y\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert [v.hex() for v in data.x[:, 0].tolist()] == [float(cell).hex() for cell in cells]


@pytest.mark.parametrize("form", ["{!r}", "{:+.17g}", "{:.25E}", " {!r} "])
def test_any_number_is_read_to_the_nearest_double(form: str) -> None:
    rng = np.random.default_rng(0)
    anywhere = rng.integers(0, 2**64, 20_000, dtype=np.uint64).view(np.float64)
    subnormal = rng.integers(1, 2**52, 5_000, dtype=np.uint64).view(np.float64)
    values = np.concatenate([anywhere[np.isfinite(anywhere)], subnormal, rng.normal(size=10_000)])
    lines = [f"{form.format(value)},{i}" for i, value in enumerate(values.tolist())]
    assert read("a,y\n" + "\n".join(lines)).x.tobytes() == values.tobytes()


def test_the_arrays_are_contiguous_and_float64() -> None:
    data = read(PLAIN)
    for array in (data.x, data.y):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert array.flags.writeable


# Held-out rows.


def test_a_fifth_of_the_rows_is_held_out_by_default() -> None:
    data = read("a,y\n" + "".join(f"{i},{i * i}\n" for i in range(100)))
    assert data.validation.dtype == bool
    assert data.validation.sum() == 20


def test_the_held_out_rows_depend_on_the_seed_alone() -> None:
    text = "a,y\n" + "".join(f"{i},{i * i}\n" for i in range(100))
    state = np.random.get_state()[1].tolist()
    first, again, other = read(text, seed=1), read(text, seed=1), read(text, seed=2)
    assert np.array_equal(first.validation, again.validation)
    assert not np.array_equal(first.validation, other.validation)
    assert np.random.get_state()[1].tolist() == state


@pytest.mark.parametrize("validation", [0, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("rows", [2, 3, 5, 10])
def test_a_training_row_always_remains(rows: int, validation: float) -> None:
    data = read("a,y\n" + "".join(f"{i},{i * i}\n" for i in range(rows)), validation=validation)
    assert 0 <= data.validation.sum() < rows
    assert validation != 0 or not data.validation.any()


@pytest.mark.parametrize("validation", [-0.1, 1, 1.5, float("nan")])
def test_a_fraction_outside_its_range_is_bad_usage(validation: float) -> None:
    with pytest.raises(UsageError, match="validation fraction"):
        read(PLAIN, validation=validation)


# Scaling.


@pytest.mark.parametrize("size", [1e-300, 1e-20, 1.0, 1e20, 1e300])
def test_scaled_data_do_not_depend_on_the_units(size: float) -> None:
    text = "a,b,y\n" + "".join(f"{v * size!r},{-2 * v!r},{v * v * size!r}\n" for v in (0.0, 0.5, 1.0, 3.0))
    data = read(text)
    scale = scaling(data)
    assert scale.input_scale == pytest.approx((3 * size, 6), rel=1e-15)
    x = data.x / scale.input_scale
    assert np.abs(x).max(axis=0).tolist() == [1, 1]
    assert x[0].tolist() == [0, 0]
    y = (data.y - scale.target_shift) / scale.target_scale
    assert y.mean() == pytest.approx(0, abs=1e-14)
    assert y.std() == pytest.approx(1, rel=1e-14)


# Fingerprint.


def test_the_fingerprint_changes_with_names_and_numbers_and_nothing_else() -> None:
    original = read(PLAIN).fingerprint
    assert read(PLAIN, validation=0.5, seed=3).fingerprint == original
    assert read(PLAIN.replace("9.25", "9.250000000000002")).fingerprint != original
    assert read(PLAIN.replace("a,b,y", "a,c,y")).fingerprint != original
    assert (
        read(PLAIN.replace("a,b,y", "ab,c,y")).fingerprint
        != read(PLAIN.replace("a,b,y", "a,bc,y")).fingerprint
    )


# Columns for prediction.


def test_columns_for_prediction_come_in_the_order_asked_for() -> None:
    values = read_columns("-", ["y", "a"], stream=io.BytesIO(PLAIN.encode()))
    assert values.tolist() == [[3, 1], [6, 4], [9.25, 7]]


def test_one_constant_row_is_enough_for_prediction() -> None:
    assert read_columns("-", ["a"], stream=io.BytesIO(b"a\n5\n")).tolist() == [[5]]


def test_a_headerless_table_of_just_the_inputs_is_taken_by_position() -> None:
    assert read_columns("-", ["L", "g"], stream=io.BytesIO(b"1,2\n3,4\n")).tolist() == [[1, 2], [3, 4]]


def test_a_column_missing_for_prediction_is_named() -> None:
    with pytest.raises(DataError, match=r"^<stdin>: no column 'c'"):
        read_columns("-", ["a", "c"], stream=io.BytesIO(PLAIN.encode()))


# Kept tables.


def test_a_kept_table_comes_back_bit_for_bit(tmp_path: Path) -> None:
    data = read("T [K],g,y\n1e-20,9,0.1\n-0.0,9,1e20\n3,9,4\n5,9,4\n")
    save_table(data, tmp_path / "data.npz")
    back = load_table(tmp_path / "data.npz")
    assert back.x.tobytes() == data.x.tobytes()
    assert back.y.tobytes() == data.y.tobytes()
    assert back.validation.tolist() == data.validation.tolist()
    for field in ("inputs", "target", "constant", "source", "fingerprint", "remarks"):
        assert getattr(back, field) == getattr(data, field)
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]


def test_keeping_the_same_table_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("1.npz", "2.npz"):
        save_table(read(PLAIN), tmp_path / name)
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()


def test_a_damaged_kept_table_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    save_table(read(PLAIN), path)
    intact = path.read_bytes()
    for content in (
        b"",
        intact[: len(intact) // 2],
        b"not a zip file",
        intact[:100] + b"\xff" + intact[101:],
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"data\.npz: "):
            load_table(path)
    with pytest.raises(DataError, match="no such file"):
        load_table(tmp_path / "gone.npz")


def test_pandas_is_imported_with_the_first_table_and_torch_never() -> None:
    code = (
        "import io, sys; from kancli.dataset import read_dataset;"
        "assert 'pandas' not in sys.modules;"
        "read_dataset('-', stream=io.BytesIO(b'a,y\\n1,2\\n3,4\\n'));"
        "assert 'pandas' in sys.modules;"
        "assert not {'torch', 'sympy', 'scipy'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("sep", ["\t", ";"])
def test_thousands_are_no_decimal_commas(tmp_path: Path, sep: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"level{sep}xp\n1{sep}9937\n2{sep}16,000\n3{sep}32,250\n")
    assert read_dataset(str(path)).y.tolist() == [9937, 16000, 32250]


def test_three_decimals_throughout_are_decimals(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1;1,234\n2;1,500\n3;2,250\n")
    assert read_dataset(str(path)).y.tolist() == [1.234, 1.5, 2.25]
