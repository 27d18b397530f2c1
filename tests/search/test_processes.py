"""Tasks in processes: order, failures, limits."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from kancli import work
from kancli.search.processes import in_order


def later(seconds: float, value: int) -> int:
    time.sleep(seconds)
    return value


def broken() -> int:
    raise ValueError("no restart stayed finite")


def gone() -> int:
    os._exit(3)


def killed_once(mark: Path) -> int:
    if mark.exists():
        return 5
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_whose_process_is_killed_is_started_once_again_and_named(jobs: int, tmp_path: Path) -> None:
    tasks = [partial(later, 0, 1), partial(killed_once, tmp_path / "mark"), partial(later, 0, 7)]
    outcomes = list(in_order(tasks, jobs=jobs, deadline=time.monotonic() + 30))
    assert [o.result for o in outcomes] == [1, 5, 7]
    assert [o.died for o in outcomes] == [None, "was ended by signal 9", None]


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_the_order_of_the_tasks_however_long_each_takes(jobs: int) -> None:
    tasks = [partial(later, s, i) for i, s in enumerate((0.3, 0.0, 0.1))]
    outcomes = list(in_order(tasks, jobs=jobs, deadline=time.monotonic() + 30))
    assert [(o.index, o.result) for o in outcomes] == [(0, 0), (1, 1), (2, 2)]


def test_a_task_that_raises_or_dies_is_an_outcome_and_the_others_go_on() -> None:
    outcomes = list(in_order([broken, gone, partial(later, 0, 7)], jobs=2, deadline=time.monotonic() + 30))
    assert outcomes[0].failure == "ValueError: no restart stayed finite"
    assert outcomes[1].failure == "its process ended with code 3, twice"
    assert outcomes[2].result == 7


def busy(units: float, value: int) -> int:
    for _ in range(10):
        work.add(units / 10)
    return value


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_has_spent_its_work_ends_and_the_next_one_still_runs(jobs: int) -> None:
    tasks = [partial(busy, 6.0, 1), partial(busy, 2.0, 2)]
    outcomes = list(in_order(tasks, jobs=jobs, deadline=time.monotonic() + 60, limit=3.3))
    assert [o.result for o in outcomes] == [None, 2]
    assert outcomes[0].failure == "took too long"
    assert [round(o.work, 9) for o in outcomes] == [3.6, 2.0]


def test_nothing_outlives_the_deadline() -> None:
    began = time.monotonic()
    outcomes = in_order([partial(later, 60, i) for i in range(4)], jobs=2, deadline=began + 0.5)
    with pytest.raises(TimeoutError):
        next(outcomes)
    assert time.monotonic() - began < 10
    assert multiprocessing.active_children() == []


def test_closing_the_iterator_ends_what_still_runs() -> None:
    began = time.monotonic()
    outcomes = in_order([partial(later, 0, 1), partial(later, 60, 2)], jobs=2, deadline=began + 60)
    assert next(outcomes).result == 1
    outcomes.close()
    assert time.monotonic() - began < 10
