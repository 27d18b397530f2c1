"""Axes: round numbers, inside, for any range."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kancli.report.axes import axis_of, round_step

numbers = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(numbers, min_size=1, max_size=5), st.integers(2, 8))
def test_every_value_lies_on_the_axis_and_every_tick_within_it(values: list[float], count: int) -> None:
    axis = axis_of(values)
    assert all(0 <= axis.place(v) <= 1 for v in values)
    ticks = axis.ticks(count)
    assert len(ticks) <= count + 1
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value, _ in ticks)


@given(st.lists(st.floats(1e-16, 1e12), min_size=1, max_size=5), st.integers(2, 8))
def test_the_same_of_logarithmic_axes(values: list[float], count: int) -> None:
    axis = axis_of(values, log=True)
    assert all(0 <= axis.place(v) <= 1 for v in values)
    assert axis.ticks(count)
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value, _ in axis.ticks(count))


@given(st.floats(1e-12, 1e12))
def test_a_step_is_one_two_or_five_times_a_power_of_ten(step: float) -> None:
    found = round_step(step)
    assert found >= step * (1 - 1e-9)
    leading = found / 10 ** math.floor(math.log10(found * (1 + 1e-9)))
    assert min(abs(leading - m) for m in (1, 2, 5)) < 1e-6


def test_whole_axes_have_whole_ticks() -> None:
    from dataclasses import replace

    axis = replace(axis_of([8, 10]), whole=True)
    assert [text for _, text in axis.ticks(10)] == ["8", "9", "10"]


def test_a_single_value_has_an_axis_too() -> None:
    assert axis_of([3.0]).place(3.0) == pytest.approx(0.5)
