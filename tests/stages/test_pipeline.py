"""Running stages in order: what each is given, what is kept, and what a version remembers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kancli.checkpoint import Checkpoint, load, versions
from kancli.dataset import Dataset, read_dataset
from kancli.errors import UsageError
from kancli.recipe import Recipe
from kancli.stages.pipeline import Finished, run_stages
from kancli.stages.progress import silent
from kancli.stages.source import describe

Find = Callable[[str], Callable[..., Checkpoint]]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{i},{i * i}\n" for i in range(10)))
    return path


def finder(calls: list[tuple[str, Any]]) -> Find:
    """Stages that note what they were given and count in their only tensor."""

    def find(name: str) -> Callable[..., Checkpoint]:
        def stage(*given: Any, seed: int, jobs: int, report: Any) -> Checkpoint:
            before = given[0] if len(given) == 3 else None
            calls.append((name, given[-1]))
            count = 0 if before is None else before.tensors["count"] + 1
            return Checkpoint(name, {"count": np.array(count)}, {"inputs": ["x"], "target": "y"})

        return stage

    return find


def run_all(
    recipe: Recipe, table: Path, run: Path, find: Find, stages: list[Any], parent: Checkpoint | None = None
) -> list[Finished]:
    dataset = read_dataset(str(table), validation=0.2, seed=recipe.seed)

    def open_run() -> tuple[Path, dict[str, Any]]:
        run.mkdir(exist_ok=True)
        return run, describe(dataset, recipe.data, recipe.seed, run)

    return list(
        run_stages(
            recipe, dataset, stages=stages, open_run=open_run, jobs=1, report=silent, parent=parent, find=find
        )
    )


@pytest.fixture
def recipe(table: Path) -> Recipe:
    return Recipe.model_validate(
        {"seed": 3, "data": {"path": str(table)}, "train": {"width": "1,1"}, "refine": {"grid": 7}}
    )


def test_each_stage_starts_from_the_one_before_and_gets_its_own_options(
    recipe: Recipe, table: Path, tmp_path: Path
) -> None:
    calls: list[tuple[str, Any]] = []
    done = run_all(recipe, table, tmp_path / "run", finder(calls), ["train", "refine", "prune"])
    assert calls == [("train", recipe.train), ("refine", recipe.refine), ("prune", recipe.prune)]
    assert [int(f.checkpoint.tensors["count"]) for f in done] == [0, 1, 2]
    assert [v.parent and v.parent.number for v in versions(tmp_path / "run")] == [None, 1, 2]


def test_a_stage_may_occur_twice(recipe: Recipe, table: Path, tmp_path: Path) -> None:
    done = run_all(recipe, table, tmp_path / "run", finder([]), ["train", "prune", "refine", "prune"])
    assert done[-1].checkpoint.metadata["recipe"]["stages"] == ["train", "prune", "refine", "prune"]


def test_the_recipe_of_a_version_leads_to_that_version(recipe: Recipe, table: Path, tmp_path: Path) -> None:
    done = run_all(recipe, table, tmp_path / "run", finder([]), ["train", "refine"])
    again = Recipe.model_validate(done[-1].checkpoint.metadata["recipe"])
    assert (again.seed, again.data, again.train, again.refine, again.stages) == (
        recipe.seed, recipe.data, recipe.train, recipe.refine, ("train", "refine"),
    )  # fmt: skip


def test_what_was_yielded_is_on_disk_when_a_later_stage_fails(
    recipe: Recipe, table: Path, tmp_path: Path
) -> None:
    good = finder([])

    def find(name: str) -> Callable[..., Checkpoint]:
        if name == "prune":
            raise KeyboardInterrupt
        return good(name)

    with pytest.raises(KeyboardInterrupt):
        run_all(recipe, table, tmp_path / "run", find, ["train", "prune"])
    assert load(tmp_path / "run" / "0001-train.kan").stage == "train"


def test_no_run_directory_is_made_when_the_first_stage_fails(
    recipe: Recipe, table: Path, tmp_path: Path
) -> None:
    def find(name: str) -> Callable[..., Checkpoint]:
        raise UsageError("no")

    with pytest.raises(UsageError):
        run_all(recipe, table, tmp_path / "run", find, ["train"])
    assert not (tmp_path / "run").exists()


def test_a_later_stage_needs_a_checkpoint(recipe: Recipe, table: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="prune needs a checkpoint"):
        run_all(recipe, table, tmp_path / "run", finder([]), ["prune"])


def test_a_stage_receives_the_dataset(recipe: Recipe, table: Path, tmp_path: Path) -> None:
    seen: list[Dataset] = []

    def find(name: str) -> Callable[..., Checkpoint]:
        def stage(dataset: Dataset, options: Any, **how: Any) -> Checkpoint:
            seen.append(dataset)
            return Checkpoint(name, {}, {"inputs": ["x"], "target": "y"})

        return stage

    run_all(recipe, table, tmp_path / "run", find, ["train"])
    assert len(seen[0].y) == 10
