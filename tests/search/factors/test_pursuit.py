"""Orthogonal matching pursuit."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.search.factors.pursuit import gains_of, pursue

RNG = np.random.default_rng(0)
BASE = np.column_stack([np.ones(80), RNG.normal(size=80)])
COLUMNS = RNG.normal(size=(80, 40))


def sse(members: list[int], target: np.ndarray) -> float:
    every = np.concatenate([BASE, COLUMNS[:, members]], axis=1)
    return float(np.sum((target - every @ np.linalg.lstsq(every, target)[0]) ** 2))


def test_the_columns_of_a_target_are_found_and_nothing_is_left_then() -> None:
    target = BASE @ [3.0, -2.0] + COLUMNS[:, [7, 21]] @ [0.5, -1.5]
    *_, last = pursue(BASE, COLUMNS, target, 2)
    assert set(last.members) == {7, 21}
    assert last.sse < 1e-20 * float(target @ target)


def test_each_step_takes_the_column_with_which_the_least_is_left() -> None:
    target = RNG.normal(size=80)
    before, first, second = pursue(BASE, COLUMNS, target, 2)
    assert before.sse == pytest.approx(sse([], target))
    assert first.sse == pytest.approx(min(sse([k], target) for k in range(40)))
    others = [k for k in range(40) if k not in first.members]
    assert second.sse == pytest.approx(min(sse([*first.members, k], target) for k in others))


def test_gains_are_what_a_fit_with_each_column_takes_off() -> None:
    target = RNG.normal(size=80)
    gains = gains_of(BASE, COLUMNS, target)
    assert gains[5] == pytest.approx(sse([], target) - sse([5], target))


def test_another_first_choice_can_be_asked_for() -> None:
    target = RNG.normal(size=80)
    order = sorted(range(40), key=lambda k: sse([k], target))
    for place in range(3):
        _, first = pursue(BASE, COLUMNS, target, 1, place)
        assert first.members == (order[place],)


def test_of_columns_that_say_the_same_the_first_is_taken_and_the_other_never() -> None:
    twice = np.concatenate([COLUMNS[:, :3], -2 * COLUMNS[:, :3]], axis=1)
    *_, last = pursue(BASE, twice, COLUMNS[:, 1] + 1e-3 * RNG.normal(size=80), 6)
    assert last.members[0] == 1
    assert 4 not in last.members
