"""Tables that are no text are read as the text that they would be, by whatever reads tables."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import located, profile, read_chunks, read_columns, read_dataset, read_table
from kancli.errors import DataError, MissingDependencyError

NAMES = ("a", "b", "y")
ROWS = [[0.1, 1.0, 2.5], [1 / 3, 2.0, 1e-300], [3.0, -4.0, 7.25], [5.0, 12345678901234.5, -0.5]]


def csv(path: Path) -> str:
    path.write_text(",".join(NAMES) + "\n" + "".join(",".join(map(repr, row)) + "\n" for row in ROWS))
    return str(path)


def jsonl(folder: Path) -> str:
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in ROWS))
    return str(path)


def sqlite(folder: Path) -> str:
    path = folder / "data.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (a real, b real, y real)")
    connection.executemany("insert into t values (?, ?, ?)", ROWS)
    connection.commit()
    connection.close()
    return f"{path}#t"


def npz(folder: Path) -> str:
    path = folder / "data.npz"
    np.savez(path, **dict(zip(NAMES, np.array(ROWS).T, strict=True)))  # type: ignore[arg-type]
    return str(path)


def excel(folder: Path) -> str:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Second")
    for row in [NAMES, *ROWS]:
        sheet.append(list(row))
    book.save(folder / "data.xlsx")
    return f"{folder / 'data.xlsx'}#Second"


def parquet(folder: Path) -> str:
    arrow = pytest.importorskip("pyarrow")
    files = pytest.importorskip("pyarrow.parquet")
    files.write_table(arrow.table(dict(zip(NAMES, np.array(ROWS).T, strict=True))), folder / "data.parquet")
    return str(folder / "data.parquet")


def feather(folder: Path) -> str:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table(dict(zip(NAMES, np.array(ROWS).T, strict=True)))
    with (
        arrow.OSFile(str(folder / "data.feather"), "wb") as file,
        arrow.ipc.new_file(file, table.schema) as out,
    ):
        out.write_table(table)
    return str(folder / "data.feather")


def remote(folder: Path) -> str:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://kancli/data.csv", "w") as file:
        file.write(Path(csv(folder / "copy.csv")).read_text())
    return "memory://kancli/data.csv"


@pytest.mark.parametrize("make", [jsonl, sqlite, npz, excel, parquet, feather, remote])
def test_a_table_of_any_kind_holds_the_numbers_of_the_csv(
    make: Callable[[Path], str], tmp_path: Path
) -> None:
    source = make(tmp_path)
    for dataset in (read_dataset(source), read_table(source)):
        assert (*dataset.inputs, dataset.target) == NAMES
        np.testing.assert_array_equal(np.column_stack([dataset.x, dataset.y]), ROWS)
    np.testing.assert_array_equal(read_columns(source, ["y", "a"]), np.array(ROWS)[:, [2, 0]])
    chunks = read_chunks(source, ["b"], size=32)
    np.testing.assert_array_equal(np.concatenate([c.values for c in chunks.rows])[:, 0], np.array(ROWS)[:, 1])
    assert [column.name for column in profile(source).columns] == list(NAMES)


def test_a_large_parquet_file_gives_the_sample_of_the_same_csv(tmp_path: Path) -> None:
    arrow, files = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    values = np.random.default_rng(0).uniform(0, 1, (70_000, 2))
    np.savetxt(tmp_path / "d.csv", values, fmt="%.17g", delimiter=",", header="a,y", comments="")
    table = arrow.table({"a": values[:, 0], "y": values[:, 1]})
    files.write_table(table, tmp_path / "d.parquet", row_group_size=999)
    one, other = (read_table(str(tmp_path / name), seed=1) for name in ("d.csv", "d.parquet"))
    np.testing.assert_array_equal(one.x, other.x)
    assert one.fingerprint == other.fingerprint
    assert one.whole is not None
    assert other.whole is not None
    assert one.whole.mean == other.whole.mean


def test_missing_values_in_parquet_are_refused_with_their_row_or_left_out(tmp_path: Path) -> None:
    arrow, files = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"a": [1.0, None, 3.0, 4.0], "t": ["u", "v", "w", "x"], "y": [1, 2, 3, 5]})
    files.write_table(table, tmp_path / "d.parquet")
    source = str(tmp_path / "d.parquet")
    with pytest.raises(DataError, match="row 2: column 'a': missing value"):
        read_table(source)
    dataset = read_table(source, drop_missing=True)
    assert dataset.y.tolist() == [1.0, 3.0, 5.0]
    assert any("t: no numbers: set aside" in remark for remark in dataset.remarks)


def test_a_query_chooses_rows_and_cannot_write(tmp_path: Path) -> None:
    path = sqlite(tmp_path).partition("#")[0]
    found = read_dataset(f"{path}#select a, y from t where b > 0 order by a desc")
    assert found.x[:, 0].tolist() == [5.0, 1 / 3, 0.1]
    assert read_dataset(path).target == "y"  # its only table
    with pytest.raises(DataError, match="no table 'u'") as raised:
        read_dataset(f"{path}#u")
    assert raised.value.hint == "tables: t"
    with pytest.raises(DataError, match=r"readonly|attempt to write"):
        read_dataset(f"{path}#with x as (select 1) delete from t")


def test_a_wrong_cell_of_json_lines_is_named_with_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"a": 1, "y": 2}\n{"a": 2, "y": 3}\n{"a": "x", "y": 3}\n')
    with pytest.raises(DataError, match=r"data\.jsonl:3:1: column 'a': not a number: 'x'"):
        read_dataset(str(path))
    path.write_text('{"a": 1, "y": 2}\n[2, 3]\n')
    with pytest.raises(DataError, match=r"data\.jsonl:2: no JSON object"):
        read_dataset(str(path))


def test_a_sheet_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    source = excel(tmp_path).partition("#")[0]
    with pytest.raises(DataError, match="no sheet 'Third'") as raised:
        read_dataset(f"{source}#Third")
    assert "Second" in str(raised.value.hint)


@pytest.mark.parametrize("pattern", ["runs", "runs/*.csv"])
def test_several_files_are_one_table_with_a_column_for_the_file(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "one.csv").write_text("a,y\n1,2\n2,4\n")
    (tmp_path / "runs" / "two.csv").write_text("# later\ny;a\n6,5;3\n8,5;4\n")
    source = str(tmp_path / pattern)
    dataset = read_dataset(source)
    assert (dataset.inputs, dataset.target) == (("a",), "y")
    assert np.column_stack([dataset.x, dataset.y]).tolist() == [[1, 2], [2, 4], [3, 6.5], [4, 8.5]]
    chunks = read_chunks(source, ["a"])
    assert chunks.columns == ("file", "a", "y")
    lines = [line.split(",")[0] for chunk in chunks.rows for line in chunk.lines()]
    assert [Path(name).name for name in lines] == ["one.csv"] * 2 + ["two.csv"] * 2


def test_files_with_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,y\n1,2\n")
    (tmp_path / "two.csv").write_text("b,y\n1,2\n")
    with pytest.raises(DataError, match=r"two\.csv: has other columns than .*one\.csv"):
        read_dataset(str(tmp_path / "*.csv"))


def test_a_package_that_is_missing_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = parquet(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match="needs pyarrow") as raised:
        read_table(source)
    assert raised.value.hint == "pip install 'kancli[parquet]'"


def test_a_source_is_named_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert located("data.db#select a/b from t") == f"{tmp_path / 'data.db'}#select a/b from t"
    assert located("s3://bucket//key.csv") == "s3://bucket//key.csv"
    assert located("data#1.csv") == str(tmp_path / "data#1.csv")
