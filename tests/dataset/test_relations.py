"""Columns that are one, that follow from others, or that float64 cannot tell apart: named in a remark."""

from __future__ import annotations

import io

import numpy as np
import pytest

from kancli.dataset import read_dataset
from kancli.dataset.relations import relations

RNG = np.random.default_rng(0)
A, B, C = RNG.uniform(1, 5, (3, 60))
Y = A * B


def of(**columns: np.ndarray) -> list[str]:
    return relations(list(columns), np.column_stack(list(columns.values())), "y", Y)


def test_identical_columns_are_named() -> None:
    assert of(a=A, c=C, b=A) == ["column 'b' is 'a' in every row: a formula may use either"]


@pytest.mark.parametrize("third", [A + B, 3 * A - 0.5 * B + 7, 1e-20 * (A - B), 1e200 * A + 1e200 * B])
def test_a_straight_line_in_other_columns_is_named(third: np.ndarray) -> None:
    (remark,) = of(a=A, b=B, d=C, c=third)
    assert remark.startswith("column 'c' is a straight line in 'a', 'b' in every row")


@pytest.mark.parametrize("other", [C, A * B, A**2, A + B + 1e-6 * C, 1e9 + 1e-3 * A])
def test_columns_that_only_resemble_each_other_are_not(other: np.ndarray) -> None:
    assert of(a=A, b=B, c=other) == []


def test_whole_numbers_beyond_2_to_the_53_are_told() -> None:
    rows = "".join(f"{2**53 + i},{i}\n" for i in range(10))
    dataset = read_dataset("-", stream=io.BytesIO(f"x,y\n{rows}".encode()))
    (remark,) = dataset.remarks
    assert "'x' has numbers up to 9.01e+15, which float64 holds only in steps of 2:" in remark


def test_large_numbers_over_decades_are_not() -> None:
    assert of(a=10.0 ** RNG.uniform(0, 20, 60), b=B) == []
