"""Processes that stay, and what a killed one loses."""

from __future__ import annotations

import os
import signal

from kancli.many.pool import each_in_processes


def served(unit: int) -> int:
    if unit == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_a_killed_process_loses_its_own_unit_and_the_others_stay_in_few_processes() -> None:
    found = dict(each_in_processes(served, range(8), 2, lambda unit, why: (unit, why)))
    assert found.pop(3) == (3, "its process ended with code -9")
    assert len(found) == 7
    assert len(set(found.values())) <= 3
