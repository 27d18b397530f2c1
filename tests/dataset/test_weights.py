"""Columns that say how much a row counts."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, load_table, read_dataset, save_table
from kancli.errors import DataError, KanError, UsageError

TABLE = "x,e,y\n1,0.5,2\n2,1,3\n3,2,5\n4,1,6\n"


def read(text: str = TABLE, **options: object) -> Dataset:
    return read_dataset("-", stream=io.BytesIO(text.encode()), **options)  # type: ignore[arg-type]


def test_errors_become_inverse_squares_of_mean_one() -> None:
    dataset = read(sigma="e")
    assert dataset.weight is not None
    assert dataset.weight.mean() == pytest.approx(1)
    np.testing.assert_allclose(dataset.weight / dataset.weight[0], [1, 1 / 4, 1 / 16, 1 / 4])
    assert dataset.noise is not None
    np.testing.assert_allclose(dataset.weight, dataset.noise**2 / np.array([0.5, 1, 2, 1]) ** 2)


def test_weights_are_taken_as_they_are_up_to_their_mean() -> None:
    dataset = read(weights="e")
    assert dataset.weight is not None
    np.testing.assert_allclose(dataset.weight, np.array([0.5, 1, 2, 1]) / 1.125)
    assert dataset.noise is None


def test_the_column_of_weights_is_neither_input_nor_the_target_taken_by_default() -> None:
    assert read(sigma="e").inputs == ("x",)
    assert read("x,y,e\n1,2,1\n2,3,2\n", sigma="e").target == "y"


def test_equal_errors_are_no_weights_but_still_say_how_noisy_the_rows_are() -> None:
    dataset = read("x,e,y\n1,0.5,2\n2,0.5,3\n", sigma="e")
    assert dataset.weight is None
    assert dataset.noise == 0.5


def test_extreme_errors_neither_overflow_nor_vanish() -> None:
    for scale in (1e-200, 1e200):
        text = f"x,e,y\n1,{scale:g},2\n2,{2 * scale:g},3\n3,{scale:g},5\n"
        weight = read(text, sigma="e").weight
        assert weight is not None
        np.testing.assert_allclose(weight, [4 / 3, 1 / 3, 4 / 3])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace("2,1,3", "2,0,3"), "<stdin>:3:2: column 'e': 0 is not positive"),
        (
            TABLE.replace("2,1,3", "2,-1,3").replace("4,1,6", "4,-1,6"),
            "column 'e': -1 is not positive (and 1 more)",
        ),
        (TABLE.replace("2,1,3", "2,,3"), "<stdin>:3:2: column 'e': missing value"),
        (TABLE.replace("2,1,3", "2,small,3"), "<stdin>:3:2: column 'e': not a number"),
        ("x,y\n1,2\n2,3\n", "no column 'e'"),
    ],
)
def test_a_bad_weight_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(text, sigma="e")
    assert message in caught.value.message


def test_the_place_is_right_where_rows_are_left_out() -> None:
    text = TABLE.replace("1,0.5,2", ",0.5,2").replace("4,1,6", "4,0,6")
    with pytest.raises(DataError) as caught:
        read(text, sigma="e", drop_missing=True)
    assert caught.value.message.startswith("<stdin>:5:2:")


@pytest.mark.parametrize(
    "options",
    [{"sigma": "e", "weights": "e"}, {"sigma": "e", "target": "e"}, {"weights": "e", "inputs": ["x", "e"]}],
)
def test_contradictions_are_usage_errors(options: dict[str, object]) -> None:
    with pytest.raises(KanError) as caught:
        read(**options)
    assert isinstance(caught.value, UsageError)


def test_weights_survive_being_kept_and_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    dataset = read(sigma="e")
    save_table(dataset, tmp_path / "kept.npz")
    again = load_table(tmp_path / "kept.npz")
    assert again.weight is not None
    assert again.weight.tobytes() == dataset.weight.tobytes()  # type: ignore[union-attr]
    assert again.noise == dataset.noise
    assert read(inputs=["x"]).fingerprint != dataset.fingerprint
