"""`kan run`: what it skips, shows beforehand, takes from the command line and makes again to compare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_stages import FORMULA, FakeStages
from kit import Kan

from kancli.recipe import read_recipe

RECIPE = "data: {path: data.csv}\ntrain: {width: [2, 5, 1]}\nrun: {directory: runs/mine}\n"


@pytest.fixture
def recipe(table: Path, stages: FakeStages) -> Path:
    path = Path("r.yaml")
    path.write_text(RECIPE)
    return path


def names(stages: FakeStages) -> list[str]:
    called = [name for name, _, _ in stages.calls]
    stages.calls.clear()
    return called


def test_run_again_runs_only_what_has_changed(kan: Kan, recipe: Path, stages: FakeStages) -> None:
    first = kan("run", recipe)
    assert names(stages) == ["train", "prune", "refine", "symbolify"]
    again = kan("run", recipe)
    assert (names(stages), again.out) == ([], first.out)
    assert "symbolify: unchanged, runs/mine/0004-symbolify.kan" in again.err
    recipe.write_text(RECIPE + "refine: {grid: [7]}\n")
    assert kan("run", recipe).out.endswith("# checkpoint: runs/mine/0006-symbolify.kan\n")
    assert names(stages) == ["refine", "symbolify"]
    kan("run", recipe, "--force")
    assert names(stages) == ["train", "prune", "refine", "symbolify"]


def test_a_run_of_its_own_starts_anew(kan: Kan, recipe: Path, stages: FakeStages) -> None:
    recipe.write_text(RECIPE.rpartition("run:")[0])
    for _ in range(2):
        kan("run", recipe)
        assert names(stages) == ["train", "prune", "refine", "symbolify"]


def test_a_part_of_the_stages(kan: Kan, recipe: Path, stages: FakeStages) -> None:
    done = kan("run", recipe, "--until", "prune")
    assert (names(stages), done.out) == (["train", "prune"], "runs/mine/0002-prune.kan\n")
    assert kan("run", recipe, "--from", "symbolify").code == 5
    kan("run", recipe)
    assert names(stages) == ["refine", "symbolify"]
    kan("run", recipe, "--from", "refine", "--until", "refine")
    assert names(stages) == ["refine"]


def test_from_finds_the_run_of_the_table_by_itself(kan: Kan, recipe: Path, stages: FakeStages) -> None:
    kan("run", recipe)
    recipe.write_text(RECIPE.rpartition("run:")[0])
    done = kan("run", recipe, "--from", "symbolify")
    assert done.out.endswith("# checkpoint: runs/mine/0005-symbolify.kan\n")


def test_set_wins_over_the_recipe_and_is_checked_like_it(kan: Kan, recipe: Path, stages: FakeStages) -> None:
    kan(
        "run", recipe, "--set", "train.grid=10", "--set", "refine.grid=[4, 8]", "--set", "symbolify.lib=x,sin"
    )
    (_, trained, _), _, (_, refined, _), (_, formula, _) = stages.calls
    assert (trained.grid, refined.grid, formula.lib) == (10, (4, 8), ("x", "sin"))
    for setting, words in (
        ("train.gird=1", "--set train.gird 1: unknown key; did you mean grid?"),
        ("trian.grid=1", "--set trian.grid 1: unknown key; did you mean train?"),
        ("train.grid=0", "--set train.grid 0: must be at least 1"),
        ("train.grid", "--set train.grid: must have the form KEY=VALUE"),
        ("refine.grid=[1", "'[1' is not a value"),
    ):
        done = kan("run", recipe, "--set", setting)
        assert (done.code, done.out) == (2, "")
        assert words in done.err


def test_a_dry_run_prints_the_plan_and_a_recipe_that_means_the_same(
    kan: Kan, recipe: Path, stages: FakeStages
) -> None:
    kan("run", recipe, "--until", "train")
    names(stages)
    done = kan("run", recipe, "--dry-run", "--set", "prune.steps=3")
    assert (done.code, names(stages), len(list(Path("runs/mine").glob("*.kan")))) == (0, [], 1)
    assert "#   train is unchanged (runs/mine/0001-train.kan)\n#   prune runs\n" in done.out
    Path("resolved.yaml").write_text(done.out)
    expected = read_recipe(recipe, {("prune", "steps"): 3})
    assert read_recipe("resolved.yaml") == expected
    document = json.loads(kan("run", recipe, "--dry-run", "--json").out)
    assert [step["action"] for step in document["plan"]] == ["unchanged", "run", "run", "run"]
    assert document["recipe"]["train"]["width"] == "2,5,1"


def test_a_dry_run_leaves_no_run_directory(kan: Kan, recipe: Path) -> None:
    assert kan("run", recipe, "--dry-run").code == 0
    assert not Path("runs").exists()


def test_verify_compares_with_what_is_stored_and_keeps_nothing(
    kan: Kan, recipe: Path, stages: FakeStages
) -> None:
    kan("run", recipe)
    before = sorted(Path().rglob("*.kan"))
    done = kan("run", recipe, "--verify")
    assert done.code == 0, done.err
    assert done.out.startswith(f"y = {FORMULA}\n")
    assert "verified: runs/mine/0004-symbolify.kan" in done.err
    assert sorted(Path().rglob("*.kan")) == before


def test_verify_exits_7_and_names_what_differs(
    kan: Kan, recipe: Path, stages: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    kan("run", recipe)
    monkeypatch.setattr("fake_stages.FORMULA", "x1")
    done = kan("run", recipe, "--verify")
    assert done.code == 7
    assert done.out.splitlines()[1:] == [f"formula\tformula\t{FORMULA}\tx1"]
    document = json.loads(kan("run", recipe, "--verify", "--json").out)
    assert document["verified"] is False
    assert document["differences"] == [{"part": "formula", "what": "formula", "a": FORMULA, "b": "x1"}]


def test_nothing_stored_is_nothing_to_verify(kan: Kan, recipe: Path) -> None:
    assert kan("run", recipe, "--verify").code == 5
