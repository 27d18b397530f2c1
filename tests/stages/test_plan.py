"""What of a recipe has to be run again after a change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kancli.checkpoint import Checkpoint, new_run, save, versions
from kancli.errors import CheckpointError, UsageError
from kancli.recipe import Recipe, resolve
from kancli.stages.pipeline import lineage
from kancli.stages.plan import plan

DATA: dict[str, Any] = {
    "path": "/here/data.csv", "source": "data.csv", "options": {"target": None, "val": 0.2}, "fingerprint": "f1",
    "rows": 9, "copy": None, "seed": 0,
}  # fmt: skip


def recipe(**more: Any) -> Recipe:
    flags = {("data", "path"): "data.csv", ("train", "width"): "2,5,1"}
    return resolve(None, {**flags, **{tuple(key.split("__")): value for key, value in more.items()}})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with the four stages of the default recipe, without any arithmetic."""
    directory = new_run(tmp_path, "data.csv")
    made = recipe()
    parent: Checkpoint | None = None
    from kancli import __version__

    for stage in made.stages:
        metadata = {
            "data": DATA, "seed": 0, "versions": {"kancli": __version__},
            "recipe": lineage(made, stage, parent, DATA),
        }  # fmt: skip
        parent = save(Checkpoint(stage, {"w": np.zeros(1)}, metadata), directory, parent)
    return directory


def actions(*args: Any, **how: Any) -> list[str]:
    return [step.action for step in plan(*args, **how)]


def test_nothing_is_run_again_where_nothing_has_changed(run: Path) -> None:
    steps = plan(recipe(), DATA, run)
    assert [step.action for step in steps] == ["unchanged"] * 4
    assert [step.version.path for step in steps if step.version] == [v.path for v in versions(run)]


@pytest.mark.parametrize(
    ("change", "unchanged"),
    [
        ({"train__grid": 7}, 0),
        ({"prune__steps": 3}, 1),
        ({"refine__grid": [7]}, 2),
        ({"symbolify__snap": False}, 3),
        ({"seed": 1}, 0),
        ({"export__format": "latex"}, 4),
        ({"run__jobs": 2}, 4),
    ],
)
def test_a_stage_whose_options_changed_is_run_and_all_after_it(
    run: Path, change: dict[str, Any], unchanged: int
) -> None:
    assert actions(recipe(**change), DATA, run) == ["unchanged"] * unchanged + ["run"] * (4 - unchanged)


def test_other_rows_or_another_split_change_everything(run: Path) -> None:
    assert set(actions(recipe(), {**DATA, "fingerprint": "f2"}, run)) == {"run"}
    assert set(actions(recipe(), {**DATA, "options": {"target": None, "val": 0.3}}, run)) == {"run"}
    assert set(actions(recipe(), {**DATA, "path": "/moved/data.csv"}, run)) == {"unchanged"}


def test_a_version_of_another_kancli_is_not_trusted(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kancli.stages.plan.__version__", "9.9")
    assert set(actions(recipe(), DATA, run)) == {"run"}


def test_a_damaged_version_is_made_again(run: Path) -> None:
    next(v.path for v in versions(run) if v.stage == "refine").write_bytes(b"gone")
    assert actions(recipe(), DATA, run) == ["unchanged", "unchanged", "run", "run"]


def test_the_parent_counts_too(run: Path) -> None:
    """Another prune after the first one: what was refined from the first does not follow from it."""
    first = next(v for v in versions(run) if v.stage == "train")
    changed = recipe(prune__steps=3)
    metadata = {
        **next(v for v in versions(run) if v.stage == "prune").metadata,
        "recipe": lineage(changed, "prune", first, DATA),
    }
    from kancli.checkpoint import load

    save(Checkpoint("prune", {}, metadata), run, load(first.path))
    assert actions(changed, DATA, run) == ["unchanged", "unchanged", "run", "run"]
    assert actions(recipe(), DATA, run) == ["unchanged"] * 4


def test_a_new_run_has_everything_before_it() -> None:
    assert set(actions(recipe(), DATA, None)) == {"run"}


def test_from_and_until_leave_the_rest(run: Path) -> None:
    steps = plan(recipe(), DATA, run, first="refine", until="refine")
    assert [step.action for step in steps] == ["leave", "leave", "run", "leave"]
    assert steps[1].version is not None
    assert steps[1].version.stage == "prune"
    assert actions(recipe(), DATA, run, until="prune") == ["unchanged", "unchanged", "leave", "leave"]
    assert set(actions(recipe(), DATA, run, again=True)) == {"run"}


def test_from_starts_on_the_newest_version_also_where_options_before_it_changed(run: Path) -> None:
    steps = plan(recipe(train__grid=9), DATA, run, first="symbolify")
    assert [step.action for step in steps] == ["leave", "leave", "leave", "run"]
    assert steps[2].version is not None
    assert steps[2].version.stage == "refine"


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"first": "refien"}, UsageError, "--from refien: the recipe has no such stage"),
        ({"first": "refine", "until": "prune"}, UsageError, "--from refine comes after --until prune"),
    ],
)
def test_stages_that_cannot_be_are_named(
    run: Path, how: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        plan(recipe(), DATA, run, **how)


def test_from_needs_something_to_start_from_and_of_the_same_rows(run: Path) -> None:
    with pytest.raises(CheckpointError, match="refine comes before, and there is no run"):
        plan(recipe(), DATA, None, first="symbolify")
    with pytest.raises(UsageError, match="other rows"):
        plan(recipe(), {**DATA, "fingerprint": "f2"}, run, first="symbolify")
    assert replace(plan(recipe(), DATA, None)[0]).version is None
