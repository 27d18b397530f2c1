"""One law for all groups, from the table to the version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from searching import task_on

from kancli.checkpoint import Checkpoint
from kancli.dataset import GroupedTable, read_grouped
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search.grouped import Asked, find_grouped
from kancli.search.grouped.sources import other_gauge, without_offsets
from kancli.symbolic.expression import Constant, evaluate
from kancli.symbolic.text.parser import parse


def table(folder: Path, law: object, groups: int = 5, each: int = 30, noise: float = 0.0) -> GroupedTable:
    """Rows of law(x, a) with one a per group between 1 and 3."""
    generator = np.random.default_rng(0)
    lines = ["well,x,y"]
    for k, a in enumerate(np.linspace(1, 3, groups)):
        x = generator.uniform(0.5, 5, each)
        y = law(x, a)  # type: ignore[operator]
        y = y + noise * np.std(y) * generator.normal(size=each)
        lines += [f"w{k},{u!r},{v!r}" for u, v in zip(x.tolist(), y.tolist(), strict=True)]
    path = folder / "wells.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_grouped(str(path), ["well"])


def searched(wells: GroupedTable, asked: Asked | None = None, **options: object) -> Checkpoint:
    task = task_on(wells.dataset, FitOptions.model_validate({"groups": ("well",), **options}), seconds=30.0)
    return find_grouped(task, wells, asked or Asked())


def test_the_form_is_found_with_the_constant_of_each_group(tmp_path: Path) -> None:
    found = searched(table(tmp_path, lambda x, a: a * x / (1.5 + x)))
    groups = found.metadata["groups"]
    assert found.metadata["inputs"] == ["x"]
    assert found.metadata["r2"] == pytest.approx(1.0, abs=1e-12)
    assert len(groups["names"]) == 1
    (name,) = groups["names"]
    values = [groups["constants"][f"w{k}"][name][0] for k in range(5)]
    assert values / np.linspace(1, 3, 5) == pytest.approx(values[0], rel=1e-6)
    assert found.metadata["verdict"]["kind"] == "exact"


def test_a_given_form_has_its_shared_constants_by_name(tmp_path: Path) -> None:
    wells = table(tmp_path, lambda x, a: a * x / (1.5 + x), noise=0.01)
    found = searched(wells, like="V*x/(K + x)")
    assert found.metadata["groups"]["names"] == ["V"]
    value, error = found.metadata["groups"]["shared"]["K"]
    assert abs(value - 1.5) < 4 * error < 0.5


def test_names_that_a_form_does_not_have_are_refused(tmp_path: Path) -> None:
    wells = table(tmp_path, lambda x, a: a * x)
    with pytest.raises(UsageError, match="no constant 'W'"):
        searched(wells, Asked(free=("W",)), like="V*x")
    with pytest.raises(UsageError, match="of a form"):
        searched(wells, Asked(free=("W",)))


def test_one_function_shifted_and_scaled_is_seen_through_all_groups(tmp_path: Path) -> None:
    common = without_offsets(table(tmp_path, lambda x, a: a + a * a * np.sin(x)))
    assert common is not None
    straight = np.column_stack([np.ones(len(common.y)), np.sin(common.x[:, 0])])
    left = common.y - straight @ np.linalg.lstsq(straight, common.y, rcond=None)[0]
    assert left.std() < 1e-2 * common.y.std()


def test_the_other_gauge_has_the_same_values(tmp_path: Path) -> None:
    before = parse("3.5*(2.5*exp(1.5*x) + 1)**(-1)", ["x"])
    after = other_gauge(before)
    x = np.linspace(0, 2, 7)[:, None]
    assert after != before
    assert Constant(2.5) not in [after]
    assert evaluate(after, x) == pytest.approx(evaluate(before, x), rel=1e-14)
