"""A task: its work is divided by shares, its units run in order, and the clock ends them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from searching import task_on

from kancli.dataset import from_memory
from kancli.search.clock import TimeIsUpError
from kancli.search.task import LONGEST, PER_SECOND, Budget, Task
from kancli.search.trained import Shape
from kancli.stages.progress import Progress
from kancli.work import add, spent

X = np.arange(1.0, 9.0)[:, None]
TABLE = from_memory(X, X[:, 0] ** 2, inputs=("a",))[0]
SHAPE = Shape("1,1")


def task(seconds: float = 100.0, told: list[Progress] | None = None) -> Task:
    return task_on(TABLE, seconds=seconds, report=[].append if told is None else told.append)


def run(one: Task, *units: Callable[[], object], share: float = 1.0) -> list[object]:
    return list(one.each([SHAPE] * len(units), list(units), share))


def spending(units: float) -> Callable[[], str]:
    def unit() -> str:
        add(units)
        return "done"

    return unit


def test_a_budget_is_work_per_second_and_is_used_up_by_what_is_spent() -> None:
    budget = Budget.of_seconds(time.monotonic(), 10.0)
    assert budget.left() == pytest.approx(10 * PER_SECOND)
    assert budget.left(0.25) == pytest.approx(2.5 * PER_SECOND)
    add(3 * PER_SECOND)
    assert budget.left() == pytest.approx(7 * PER_SECOND)
    assert budget.over(0.25)
    assert not budget.over(0.5)
    assert budget.left(0.25) == 0.0


def test_a_shortened_budget_has_a_share_of_work_and_time() -> None:
    whole = Budget.of_seconds(time.monotonic(), 10.0)
    half = whole.shortened(0.5)
    assert half.left() == pytest.approx(whole.left(0.5))
    assert half.clock.alarm == pytest.approx(whole.clock.until(0.5).alarm)
    assert half.clock.record is whole.clock.record


def test_units_give_their_results_in_order_and_their_work_counts_here() -> None:
    before = spent()
    one = task()
    assert run(one, spending(0.5), lambda: "two", spending(0.25)) == ["done", "two", "done"]
    assert spent() - before == pytest.approx(0.75)


def test_a_unit_that_fails_or_spends_too_much_is_told_of_and_left_out() -> None:
    told: list[Progress] = []
    one = task(told=told)

    def failing() -> None:
        raise ArithmeticError("no way")

    most = LONGEST * one.budget.whole
    assert run(one, failing, spending(1.1 * most), spending(0.5 * most)) == ["done"]
    assert [p.message for p in told] == ["1,1: ArithmeticError: no way", "1,1: took too long"]


def test_no_unit_spends_more_than_what_is_left_of_the_share() -> None:
    one = task()
    part = 0.02 * one.budget.whole
    assert run(one, spending(0.9 * part), share=0.02) == ["done"]
    assert run(one, spending(0.9 * part), share=0.02) == []


def test_when_the_time_is_over_no_unit_begins_and_one_in_progress_ends() -> None:
    with pytest.raises(TimeIsUpError):
        run(task(seconds=-1.0), lambda: "late")
    one = task(seconds=0.2)
    began = time.monotonic()
    with pytest.raises(TimeIsUpError):
        run(one, lambda: time.sleep(30))
    assert time.monotonic() - began < 10
    assert one.budget.clock.record.ends == [0]


def test_another_clock_leaves_the_work_as_it_is() -> None:
    one = task()
    other = one.on(one.budget.clock.until(0.5))
    assert other.budget.clock.part == 0.5
    assert replace(other, budget=one.budget) == one


def test_what_is_told_has_the_square_of_the_error_as_loss() -> None:
    told: list[Progress] = []
    task(told=told).tell("a**2", 0.5)
    task(told=told).tell("nothing")
    assert [(p.loss, p.r2, p.message) for p in told] == [(0.25, 0.75, "a**2"), (None, None, "nothing")]
