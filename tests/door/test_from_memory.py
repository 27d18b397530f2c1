"""Datasets from data frames and arrays are those that the same table as a file gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kancli.dataset import from_memory, read_dataset, rows_of
from kancli.errors import DataError, KanError, UsageError

FRAME = pd.DataFrame(
    {"a": [1.0, 2.0, 3.0, 4.5], "c": [5, 5, 5, 5], "e": [0.1, 0.2, 0.1, 0.4], "y": [1.0, 4.0, 9.0, 2.5]}
)


@pytest.mark.parametrize(
    "how", [{}, {"sigma": "e"}, {"weights": "e"}, {"target": "a"}, {"inputs": ["e", "a"]}]
)
def test_a_frame_is_read_as_the_file_of_it(folder: Path, how: dict[str, Any]) -> None:
    FRAME.to_csv("table.csv", index=False)
    file = read_dataset("table.csv", seed=3, validation=0.5, **how)
    memory, given = from_memory(FRAME, seed=3, validation=0.5, **how)
    assert memory.fingerprint == file.fingerprint
    assert (memory.inputs, memory.target, memory.constant) == (file.inputs, file.target, file.constant)
    assert (memory.validation == file.validation).all()
    assert memory.noise == file.noise
    assert set(given) == {*file.inputs, *file.constant}


def test_arrays_are_the_frame_without_its_names() -> None:
    x, y = FRAME[["a", "c", "e"]].to_numpy(), FRAME["y"]
    named, _ = from_memory(FRAME)
    for table in (x, x.tolist(), x.astype(object)):
        dataset, given = from_memory(table, y)
        assert given == ("x1", "x2", "x3")
        assert dataset.inputs == ("x1", "x3")
        assert (dataset.x == named.x).all()
        assert (dataset.y == named.y).all()


def test_weights_may_be_an_array() -> None:
    by_name, _ = from_memory(FRAME, weights="e")
    by_array, given = from_memory(FRAME.drop(columns="e"), weights=FRAME["e"].to_numpy())
    assert by_array.weight == pytest.approx(by_name.weight)
    assert given == ("a", "c")


def test_the_callers_arrays_are_neither_shared_nor_written_to() -> None:
    x = FRAME[["a", "e"]].to_numpy()
    x.setflags(write=False)
    dataset, _ = from_memory(x, FRAME["y"])
    assert not np.shares_memory(dataset.x, x)
    assert dataset.x.flags.writeable


def test_rows_for_prediction_are_found_by_name_or_position() -> None:
    for table in (FRAME, FRAME[["e", "a"]], FRAME[["a", "c", "e"]].to_numpy(), FRAME[["a", "e"]].to_numpy()):
        found = rows_of(table, ("a", "c", "e"), ("a", "e"))
        assert (found == FRAME[["a", "e"]].to_numpy()).all()


@pytest.mark.parametrize(
    ("arguments", "how", "error", "words"),
    [
        ((FRAME.assign(a=["1", "x", "2", "3"]),), {}, DataError, "'a': not numbers"),
        ((FRAME.assign(a=[1, 2, np.nan, 3]),), {}, DataError, "'a': row 2 is not a finite number"),
        ((FRAME.assign(y=1),), {}, DataError, "nothing to explain"),
        ((FRAME[["c", "y"]],), {}, DataError, "no input varies"),
        ((FRAME[["y"]],), {}, UsageError, "at least one"),
        ((FRAME.head(1),), {}, DataError, "two rows"),
        ((FRAME,), {"weights": [1, 2]}, DataError, "weights must be one number above 0 for each of 4 rows"),
        ((FRAME,), {"weights": "e", "sigma": "e"}, UsageError, "one weight"),
        ((FRAME,), {"inputs": ["a", "y"]}, UsageError, "distinct"),
        (([[1, 2], [3, 4]], [1, 2, 3]), {}, DataError, "different lengths"),
        (([1, 2, 3], [1, 2, 3]), {}, DataError, "two dimensions"),
        (([[1, 2], [3, 4]], [1, 2]), {"inputs": ["a"]}, UsageError, "1 input names for 2"),
        (([[1, 2], [3, 4]], [[1], [2]]), {}, DataError, "must have one dimension"),
    ],
)
def test_what_is_no_table_of_numbers_is_said_so(
    arguments: tuple[Any, ...], how: dict[str, Any], error: type[KanError], words: str
) -> None:
    with pytest.raises(error, match=words):
        from_memory(*arguments, **how)


def test_rows_with_missing_values_are_left_out_where_that_is_asked_for() -> None:
    columns = {
        "a": [1.0, None, 3.0, 4.0, 5.0],
        "b": [2.0, 1.0, float("nan"), 5.0, 7.0],
        "y": [1.0, 2.0, 3.0, 4.0, 6.0],
    }
    dataset, _ = from_memory(columns, drop_missing=True, validation=0.0)
    assert dataset.y.tolist() == [1.0, 4.0, 6.0]
    assert dataset.remarks == ("the table: 2 rows with missing values left out, 3 used",)
    with pytest.raises(DataError) as refused:
        from_memory({**columns, "a": columns["b"]})
    assert "drop_missing" in str(refused.value.hint)


def test_a_column_that_is_not_used_may_have_gaps_and_infinite_values_are_never_dropped() -> None:
    columns = {"a": [1.0, 2.0, 3.0], "gaps": [float("nan"), 1.0, 2.0], "y": [1.0, 2.0, 4.0]}
    dataset, _ = from_memory(columns, inputs=["a"], target="y", drop_missing=True)
    assert len(dataset.y) == 3
    with pytest.raises(DataError, match="not a finite number"):
        from_memory({"a": [1.0, float("inf"), 2.0], "y": [1.0, 2.0, 4.0]}, drop_missing=True)


def test_weights_and_target_lose_the_same_rows() -> None:
    x = np.array([[1.0], [2.0], [np.nan], [4.0]])
    dataset, _ = from_memory(x, [1.0, 2.0, 3.0, np.nan], weights=[1.0, 3.0, 1.0, 1.0], drop_missing=True)
    assert dataset.y.tolist() == [1.0, 2.0]
    assert dataset.weight is not None
    assert dataset.weight.tolist() == [0.5, 1.5]


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_tables_of_other_libraries_are_read(library: str) -> None:
    other = pytest.importorskip(library)
    columns = {"a": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}
    dataset, names = from_memory(other.DataFrame(columns) if library == "polars" else other.table(columns))
    assert (names, dataset.target, dataset.y.tolist()) == (("a",), "y", [1.0, 2.0, 4.0])
