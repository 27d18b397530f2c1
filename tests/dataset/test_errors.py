"""Tables that cannot be used: one line that says where and what, one that says what to do."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from kancli.dataset import read_dataset
from kancli.errors import DataError, KanError, UsageError


def failure(text: str | bytes, **options) -> KanError:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(KanError) as caught:
        read_dataset("-", stream=io.BytesIO(content), **options)
    assert "\n" not in caught.value.message
    assert "\n" not in (caught.value.hint or "")
    return caught.value


CORRECT = "correct the cell, or put a # before the row to leave it out"
ROWS = "1,2,3\n4,5,6\n7,8,9\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "<stdin>: empty", "expected a table: a header, then rows of numbers"),
        ("\n \n", "<stdin>: empty", "expected a table: a header, then rows of numbers"),
        ("# a\n", "<stdin>: only comments in it", "expected a table: a header, then rows of numbers"),
        ("\n# c\na,y\n", "<stdin>:3: a header, but no rows of data below it", None),
        ("a,y\n1,2\n", "<stdin>: one row, but at least two are needed", None),
        ("1,2\n", "<stdin>: one row, but at least two are needed", None),
        (
            "y\n1\n2\n",
            "<stdin>: only one column, but an input and a target are needed",
            "--sep names the character between the columns, for example --sep ';'",
        ),
        (
            "a,b,a\n1,2,3\n4,5,6\n",
            "<stdin>:1:3: column name 'a' appears twice (first in column 1)",
            "give every column its own name",
        ),
        ("a,b,y\n1,2,3\n4,x,6\n" + ROWS, "<stdin>:3:2: column 'b': not a number: 'x'", CORRECT),
        ("1,2,3\n4,5,6\n4,N/A?,6\n", "<stdin>:3:2: column 'x2': not a number: 'N/A?'", CORRECT),
        (
            "# c\n\na,b,y\n# c\n1,2,3\n\n4,x,\n1,2,3\n1,2,3\n5,5\n",
            "<stdin>:7:2: column 'b': not a number: 'x' (and 2 more)",
            CORRECT,
        ),
        (
            "name,y\nMars,3\nVenus,4\n",
            "<stdin>:2:1: column 'name': not a number: 'Mars' (and 1 more)",
            "numeric columns, to be chosen with --inputs and --target: y",
        ),
        ("a,y\n1,2\n,3\n", "<stdin>:3:1: column 'a': missing value", "--drop-missing leaves such rows out"),
        (
            "a,y\n1,2\n3,nan\n4,NA\n",
            "<stdin>:3:2: column 'y': missing value: 'nan' (and 1 more)",
            "--drop-missing leaves such rows out",
        ),
        (
            "a,y\n1,2\n3,-inf\n",
            "<stdin>:3:2: column 'y': not finite: '-inf'",
            "leave the row out, or put a # before it",
        ),
        (
            "a,y\n1,2\n1e400,3\n",
            "<stdin>:3:1: column 'a': not finite: '1e400'",
            "leave the row out, or put a # before it",
        ),
        (
            "a,y\n1,2\n1.5D+03,3\n",
            "<stdin>:3:1: column 'a': not a number: '1.5D+03'",
            "write 1.5e+03 instead of 1.5D+03",
        ),
        (
            "a;y\n1.5;2\n1,5;3\n",
            "<stdin>:3:1: column 'a': not a number: '1,5'",
            "write decimal points, or decimal commas throughout and ';' between the columns",
        ),
        (
            'a,y\n"1,000",2\n"2,000",3\n',
            "<stdin>:2:1: column 'a': not a number: '1,000' (and 1 more)",
            "write 1000 without separators of thousands",
        ),
        ("a,y\n1,2\n1_0,3\n1,1\n1,1\n", "<stdin>:3:1: column 'a': not a number: '1_0'", CORRECT),
        ("a,y\n1,2\n0x10,3\n1,1\n1,1\n", "<stdin>:3:1: column 'a': not a number: '0x10'", CORRECT),
        ("a,y\nTrue,3\nFalse,4\n", "<stdin>:2:1: column 'a': not a number: 'True' (and 1 more)",
         "numeric columns, to be chosen with --inputs and --target: y"),
        (
            "a,b,y\n1,2,3\n1,2\n",
            "<stdin>:3: 2 cells, but the header names 3",
            "read as separated by commas; --sep chooses another separator",
        ),
        (
            "1;2\n1;2\n1;2;3\n",
            "<stdin>:3: 3 cells, but the first row has 2",
            "read as separated by semicolons; --sep chooses another separator",
        ),
        (
            "a,y\n1,2,3\n4,5,6\n",
            "<stdin>:2: 3 cells, but the header names 2 (and 1 more)",
            "read as separated by commas; --sep chooses another separator",
        ),
        ('a,y\n1,2\n3,"\n# c\n4"\n5,6\n', "<stdin>:3:2: column 'y': not a number: '# c\\n4'", CORRECT),
        ('a y\n1 2\n3 "\n4"\n5 6\n7 8\n', "<stdin>:3:2: column 'y': not a number: '\"' (and 1 more)",
         CORRECT),
        (
            'a,y\n1,2\n"3,4\n5,6"\n',
            "<stdin>:3: 1 cell, but the header names 2",
            "quotes join lines 3 to 4 together: is one missing or too many?",
        ),
        (
            "a,y\n1,5\n2,5\n",
            "<stdin>: column 'y' is always 5: there is nothing to explain",
            "--target chooses another column",
        ),
        (
            "a,b,y\n1,5,1\n1,5,2\n",
            "<stdin>: no input varies (a, b)",
            "--inputs and --target choose the columns",
        ),
        (b"PAR1xxxx", "<stdin>: a Parquet file, not a table in text form", "convert it to CSV"),
        (
            b"a\x00b,y\n1,2\n",
            "<stdin>: not a text file (it contains NUL bytes)",
            "a table in text form is expected",
        ),
    ],
)  # fmt: skip
def test_a_bad_table_is_one_clear_line_with_a_hint(text: str | bytes, message: str, hint: str | None) -> None:
    error = failure(text)
    assert isinstance(error, DataError)
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"target": "Y"}, "<stdin>: no column 'Y'; did you mean 'y'?", "columns: alpha, beta, y"),
        (
            {"inputs": ["alpah"]},
            "<stdin>: no column 'alpah'; did you mean 'alpha'?",
            "columns: alpha, beta, y",
        ),
        ({"target": "zzz"}, "<stdin>: no column 'zzz'", "columns: alpha, beta, y"),
    ],
)
def test_a_column_that_is_not_there_is_a_data_error_that_names_those_that_are(
    options: dict, message: str, hint: str
) -> None:
    error = failure("alpha,beta,y\n1,2,3\n4,5,6\n", **options)
    assert isinstance(error, DataError)
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": ["a", "a"]}, "column 'a' is chosen twice as an input"),
        ({"inputs": ["a", "b"], "target": "b"}, "column 'b' is both input and target"),
        ({"inputs": ["a", "y"]}, "column 'y' is an input and, as the last column, the target"),
        ({"inputs": []}, "no inputs chosen"),
    ],
)
def test_a_contradictory_choice_of_columns_is_bad_usage(options: dict, message: str) -> None:
    error = failure("a,b,y\n1,2,3\n4,5,6\n", **options)
    assert isinstance(error, UsageError)
    assert error.message == message


def test_a_row_too_long_is_noticed_where_only_some_columns_are_read() -> None:
    error = failure("name,a,y\nu,1,2\nv,3,4,5\n", inputs=["a"])
    assert error.message == "<stdin>:3: 4 cells, but the header names 3"


def test_lines_are_counted_as_an_editor_does_after_a_cell_with_line_breaks() -> None:
    error = failure('note,a,y\n"wet\n\nand cold",1,2\nv,3,x\n', inputs=["a"])
    assert error.message == "<stdin>:5:3: column 'y': not a number: 'x'"


@pytest.mark.parametrize("row", ["1,2", "1,2,3,4"])
def test_dropping_missing_values_does_not_excuse_a_row_of_another_length(row: str) -> None:
    error = failure(f"a,b,y\n1,,3\n{row}\n4,5,6\n7,8,9\n", drop_missing=True)
    assert error.message == f"<stdin>:3: {row.count(',') + 1} cells, but the header names 3"


def test_nothing_is_cut_off_at_a_nul_character() -> None:
    error = failure("a,y\n1,2\n3\0x,4\n".encode("utf-16"))
    assert error.message == "<stdin>: not a text file (it contains NUL bytes)"


def test_dropping_missing_values_does_not_excuse_other_cells() -> None:
    error = failure("a,y\n1,2\n,3\nx,4\n5,6\n6,7\n7,8\n", drop_missing=True)
    assert error.message == "<stdin>:4:1: column 'a': not a number: 'x'"


def test_dropping_may_leave_nothing() -> None:
    error = failure("a,y\n,2\n,3\n", drop_missing=True)
    assert (
        error.message
        == "<stdin>: no rows left after dropping those with missing values, but at least two are needed"
    )


def test_the_culprit_is_found_deep_in_a_long_table(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    rows = [f"{i},{i},{2 * i}" for i in range(1, 20_001)]
    rows[12_344] = "1,2,oops"
    path.write_text("a,b,y\n" + "\n".join(rows) + "\n")
    with pytest.raises(DataError) as caught:
        read_dataset(str(path))
    assert caught.value.message == f"{path}:12346:3: column 'y': not a number: 'oops'"


def test_a_missing_file_suggests_a_similar_one(tmp_path: Path) -> None:
    (tmp_path / "planets.csv").write_text("a,y\n1,2\n")
    with pytest.raises(DataError) as caught:
        read_dataset(str(tmp_path / "planet.csv"))
    assert caught.value.message == f"{tmp_path / 'planet.csv'}: no such file"
    assert caught.value.hint == f"did you mean {tmp_path / 'planets.csv'}?"


def test_a_missing_file_with_nothing_similar_lists_the_tables_there(tmp_path: Path) -> None:
    (tmp_path / "planets.csv").write_text("a,y\n1,2\n")
    with pytest.raises(DataError) as caught:
        read_dataset(str(tmp_path / "qqqqqq"))
    assert caught.value.hint == f"tables there: {tmp_path / 'planets.csv'}"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_dataset(str(tmp_path / "none" / "data.csv"))
    assert caught.value.hint == f"the folder {tmp_path / 'none'} does not exist"


def test_a_folder_is_not_a_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory, not a table"):
        read_dataset(str(tmp_path))


def test_a_truncated_gzip_file_is_called_damaged() -> None:
    error = failure(gzip.compress(b"a,y\n1,2\n3,4\n")[:-12])
    assert error.message.startswith("<stdin>: damaged compressed file: ")


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "a,y\n1,2\n3,4\n")
    return buffer.getvalue()


def test_an_archive_of_two_tables_is_refused() -> None:
    error = failure(archive("a.csv", "b.csv"))
    assert error.message == "<stdin>: 2 files in the archive, expected one table"
    assert error.hint == "it contains a.csv, b.csv"


def test_a_spreadsheet_is_recognised() -> None:
    error = failure(archive("[Content_Types].xml", "xl/workbook.xml"))
    assert error.message == "<stdin>: a spreadsheet, not a table in text form"
    assert error.hint == "save it as CSV and use that file"
