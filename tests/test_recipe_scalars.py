"""Scalars mean what YAML 1.2 says, not what YAML 1.1 said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kancli.recipe.scalars import Scalar, parse_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-2.5e+3", -2500.0),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("+7", 7),
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("2020-01-01", "2020-01-01"),
        ("~", None),
        ("null", None),
        ("", None),
        ("none", "none"),
        ("-.inf", -math.inf),
        ("inf", "inf"),
        ("2,5,1", "2,5,1"),
        ("9" * 5000, math.inf),
        ("-" + "9" * 5000, -math.inf),
        ("0" * 5000 + "7", 7.0),
        ("0x" + "f" * 5000, "0x" + "f" * 5000),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_a_bare_word_means_what_yaml_1_2_says(text: str, value: Scalar) -> None:
    found = parse_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float() -> None:
    found = parse_scalar(".nan")
    assert isinstance(found, float)
    assert math.isnan(found)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_that_python_writes_is_read_back_to_the_bit(value: float) -> None:
    assert parse_scalar(repr(value)) == value


@given(st.text(alphabet="0123456789.eE+-_oxinfaNtruly~", max_size=12))
def test_any_text_is_read_without_failing(text: str) -> None:
    found = parse_scalar(text)
    assert found is None or isinstance(found, bool | int | float | str)
