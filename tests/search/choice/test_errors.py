"""The search's candidates under other models of the errors."""

from __future__ import annotations

import time

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search import Budget, Ledger, Task, find_formula
from kancli.search.plain.proposer import PlainForms
from kancli.stages.progress import silent

RNG = np.random.default_rng(5)


def facts(data: Dataset, **options: object) -> dict[str, object]:
    """What a search among plain forms says."""
    budget = Budget.of_seconds(time.monotonic(), 100)
    task = Task(data, FitOptions(**options), 0, 1, budget, silent)
    return dict(find_formula(task, Ledger(), [PlainForms()]).road[-1][0].metadata)


def test_a_law_over_decades_with_relative_errors_is_found() -> None:
    m, r = 10 ** RNG.uniform(20, 30, (40, 2)), 10 ** RNG.uniform(7, 11, 40)
    force = 6.7e-11 * m[:, 0] * m[:, 1] / r**2 * np.exp(0.1 * RNG.normal(size=40))
    data, _ = from_memory(np.column_stack([m, r]), force, inputs=("m1", "m2", "r"))
    found = facts(data)
    assert str(found["formula"]).endswith("*m1*m2/r**2")
    assert found["errors"]["model"] == "log"  # type: ignore[index]
    assert found["verdict"]["kind"] == "law_with_noise"  # type: ignore[index]


def test_eight_of_two_hundred_rows_far_off_do_not_move_the_constants() -> None:
    x = np.sort(RNG.uniform(0, 5, 200))
    y = 3 * np.exp(-0.7 * x) + 0.2 + 0.005 * RNG.normal(size=200)
    off = RNG.choice(200, 8, replace=False)
    y[off] += 5
    data, _ = from_memory(x[:, None], y, inputs=("x",))
    found = facts(data)
    values = sorted(abs(c["value"]) for c in found["constants"])  # type: ignore[attr-defined, index]
    assert values == pytest.approx([0.2, 0.7, 3], rel=0.01)
    assert sorted(o["row"] - 1 for o in found["outliers"]) == sorted(off)  # type: ignore[attr-defined]


def test_least_squares_where_they_are_asked_for() -> None:
    x = np.linspace(0, 10, 60)
    y = 2.5 * x + 1 + 0.1 * RNG.normal(size=60)
    y[17] += 7
    data, _ = from_memory(x[:, None], y, inputs=("x",))
    found = facts(data, loss="squares", errors="additive")
    assert found["errors"]["loss"] == "squares"  # type: ignore[index]
    assert found["outliers"] == []


def test_few_rows_end_in_a_formula_that_they_carry() -> None:
    t = np.array([1.0, 3, 5, 8, 13, 20])
    y = np.array([92.0, 76, 60, 46, 27, 14])
    data, _ = from_memory(t[:, None], y, inputs=("t",))
    found = facts(data)
    free = [c for c in found["constants"] if c["snapped"] is None]  # type: ignore[attr-defined, index]
    assert len(free) <= 3
    assert "exp" in str(found["formula"])


def test_the_front_has_the_chosen_form_once() -> None:
    x = np.geomspace(0.1, 1000, 60)
    data, _ = from_memory(x[:, None], 3 * x**1.5 * np.exp(0.1 * RNG.normal(size=60)), inputs=("x",))
    front = facts(data)["front"]
    assert sum("x**(3/2)" in str(entry["formula"]) for entry in front) == 1  # type: ignore[attr-defined, index]


def test_outliers_do_not_make_a_wrong_form_look_like_a_law_with_noise() -> None:
    x = RNG.uniform(-3, 3, (300, 2))
    y = 2 * np.sin(x[:, 0]) + x[:, 1] ** 2 + 0.02 * RNG.normal(size=300)
    y[RNG.choice(300, 12, replace=False)] += 20
    data, _ = from_memory(x, y, inputs=("a", "b"))
    assert facts(data)["verdict"]["kind"] != "law_with_noise"  # type: ignore[index]


@pytest.mark.parametrize(("errors", "value"), [("counts", -1.0), ("log", 0.0)])
def test_errors_that_the_target_cannot_have_are_refused_before_the_search(errors: str, value: float) -> None:
    y = np.arange(1.0, 31.0)
    y[4] = value
    data, _ = from_memory(np.arange(30.0)[:, None], y, inputs=("x",))
    with pytest.raises(UsageError, match=f"--errors {errors}: the target .* has the value {value:g}"):
        facts(data, errors=errors)
