"""Rows set apart for a test, and folds."""

from __future__ import annotations

import io

import numpy as np
import pytest

from kancli.dataset import Dataset, apart, folds, read_dataset
from kancli.errors import DataError


def table(rows: int = 40, sigma: bool = False) -> Dataset:
    """y = i with errors 1 + i; x = i."""
    lines = "".join(f"{i},{1 + i},{2 * i}\n" for i in range(rows))
    source = io.BytesIO(("x,e,y\n" + lines).encode())
    how = {"sigma": "e"} if sigma else {"inputs": ["x"]}
    return read_dataset("-", stream=source, **how)  # type: ignore[arg-type]


def test_every_row_is_either_in_the_test_or_in_the_rest() -> None:
    whole = table()
    left = apart(whole, 0.25, 0.2, 3)
    assert left.test is not None
    assert (len(left.y), len(left.test.y)) == (30, 10)
    assert sorted([*left.y, *left.test.y]) == sorted(whole.y)
    assert int(left.validation.sum()) == 6
    assert left.fingerprint != whole.fingerprint


def test_the_rows_of_a_test_do_not_depend_on_the_share_held_out() -> None:
    several = [apart(table(), 0.25, share, 3).test for share in (0.0, 0.2, 0.5)]
    assert len({one.fingerprint for one in several if one is not None}) == 1
    assert (apart(table(), 0.25, 0.2, 4).y != apart(table(), 0.25, 0.2, 3).y).any()


def test_errors_of_rows_stay_what_they_are() -> None:
    left = apart(table(sigma=True), 0.25, 0.2, 0)
    assert left.weight is not None
    assert left.noise is not None
    assert left.noise / np.sqrt(left.weight) == pytest.approx(1 + left.x[:, 0], rel=1e-12)
    assert left.weight.mean() == pytest.approx(1.0)


def test_each_row_is_left_out_of_one_fold() -> None:
    whole = table(23)
    several = list(folds(whole, 5, 0.2, 0))
    out = [value for fold in several if fold.test is not None for value in fold.test.y]
    assert sorted(out) == sorted(whole.y)
    assert all(len(fold.y) + len(fold.test.y) == 23 for fold in several if fold.test is not None)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(DataError, match="too few for 5 folds"):
        list(folds(table(9), 5, 0.2, 0))
    with pytest.raises(DataError, match="leaves 1 of 9 rows"):
        apart(table(9), 0.1, 0.2, 0)
