"""The clock ends a search, is recorded, and a record is repeated whatever the time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from kancli.search.clock import Clock, Record, TimeIsUpError


def clock(seconds: float, again: Sequence[int] | None = None) -> Clock:
    now = time.monotonic()
    return Clock(now, now + seconds, Record(again))


def units(of: Clock, most: int) -> int:
    """How many units of work the clock lets through."""
    for number in range(most):
        try:
            of.check()
        except TimeIsUpError:
            return number
    return most


def test_a_clock_lets_units_through_until_its_time_is_over_and_records_how_many() -> None:
    early, late = clock(100.0), clock(-1.0)
    assert units(early, 5) == 5
    assert early.record.ends == []
    assert units(late, 5) == 0
    assert late.record.ends == [0]


def test_a_part_of_a_search_ends_before_the_whole() -> None:
    whole = clock(100.0)
    first = whole.until(-0.1)
    assert units(first, 5) == 0
    assert units(whole, 3) == 3
    assert whole.record.ends == [0]


def test_a_unit_that_was_interrupted_does_not_count() -> None:
    one = clock(100.0)
    assert units(one, 4) == 4
    with pytest.raises(TimeIsUpError):
        one.interrupted()
    assert one.record.ends == [3]


@pytest.mark.parametrize("seconds", [-1.0, 100.0])
def test_a_record_is_repeated_whatever_the_time(seconds: float) -> None:
    again = clock(seconds, [3, 5])
    assert units(again, 100) == 3
    assert units(again, 100) == 2
    assert units(again, 100) == 100
    assert again.record.ends == [3, 5]
    assert again.alarm == float("inf")
