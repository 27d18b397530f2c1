"""Units in the search's own process: the same outcomes, work counted once, and the deadline."""

from __future__ import annotations

import time

import pytest

from kancli import work
from kancli.search.processes import HERE, in_order


def costly() -> str:
    work.add(2.0)
    return "done"


def endless() -> None:
    while True:
        time.sleep(0.01)


def test_a_unit_in_this_process_counts_its_work_once_and_ends_at_its_limit() -> None:
    before = work.spent()
    (outcome,) = in_order([costly], jobs=HERE, deadline=time.monotonic() + 30)
    assert (outcome.result, outcome.work, work.spent() - before) == ("done", 0.0, 2.0)
    (outcome,) = in_order([costly], jobs=HERE, deadline=time.monotonic() + 30, limit=1.0)
    assert outcome.failure == "took too long"


def test_the_deadline_ends_a_unit_in_this_process() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        list(in_order([endless], jobs=HERE, deadline=began + 0.3))
    assert time.monotonic() - began < 5
