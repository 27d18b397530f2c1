"""Columns that are said to be positive."""

from __future__ import annotations

import io

import pytest

from kancli.dataset import Dataset, read_dataset
from kancli.errors import DataError, UsageError
from kancli.symbolic.expression import Variable
from kancli.symbolic.rewrite.simplify import simplify
from kancli.symbolic.text.parser import parse


def read(text: str, **options: object) -> Dataset:
    return read_dataset("-", stream=io.BytesIO(text.encode()), **options)  # type: ignore[arg-type]


def test_a_value_that_is_not_is_refused_with_its_place() -> None:
    with pytest.raises(DataError) as caught:
        read("a,b,y\n1,1,1\n2,0,3\n3,-1,4\n", positive=["a", "b"])
    assert caught.value.message == "<stdin>:3:2: column 'b': 0 is not positive (and 1 more)"
    assert "--positive" in (caught.value.hint or "")


def test_the_target_can_be_positive_too() -> None:
    with pytest.raises(DataError, match="<stdin>:2:2: column 'y'"):
        read("a,y\n1,-1\n2,3\n", positive=["y"])


def test_a_column_that_is_not_used_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--positive b"):
        read("a,b,y\n1,1,1\n2,2,3\n", inputs=["a"], positive=["b"])


def test_roots_of_squares_of_such_columns_open() -> None:
    dataset = read("a,b,y\n1,-1,1\n2,2,3\n3,1,2\n", positive=["a"])
    assert simplify(parse("sqrt(a**2)", ["a", "b"]), dataset.x, 0.0) == Variable(0)
    assert simplify(parse("sqrt(b**2)", ["a", "b"]), dataset.x, 0.0) != Variable(1)
