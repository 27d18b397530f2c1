"""Work is counted from sizes, and an allowance holds."""

from __future__ import annotations

import pytest

from kancli import work


def test_work_is_what_was_counted_and_nothing_else() -> None:
    before = work.spent()
    work.spend(3 * work.FLOPS, calls=0)
    work.add(0.5)
    assert work.spent() - before == pytest.approx(3.5)


def test_an_allowance_ends_what_is_within_it_and_nothing_after_it() -> None:
    done = []

    def steps() -> None:
        for step in range(10):
            work.add(0.3)
            done.append(step)

    with pytest.raises(work.OutOfWorkError), work.allowance(1.0):
        steps()
    assert done == [0, 1, 2]
    work.add(10.0)


def test_an_allowance_within_another_cannot_exceed_it() -> None:
    with work.allowance(1.0), pytest.raises(work.OutOfWorkError), work.allowance(5.0):
        work.add(1.5)
