"""What the stage commands print where, and what they hand to their stages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_stages import EDGES, FORMULA, FakeStages
from kit import Kan

from kancli.checkpoint import load

TRAIN = ("train", "data.csv", "--width", "2,5,1")


def test_train_prints_the_path_of_the_checkpoint_and_nothing_else(
    kan: Kan, table: Path, stages: FakeStages
) -> None:
    done = kan(*TRAIN)
    assert (done.code, done.out) == (0, "runs/data-001/0001-train.kan\n")
    assert load(done.out.strip()).stage == "train"


def test_inputs_by_influence_go_to_standard_error(kan: Kan, table: Path, stages: FakeStages) -> None:
    assert "influence on y:\n  x1  0.500\n  x2  0.500\n" in kan(*TRAIN).err


def test_quiet_says_nothing(kan: Kan, table: Path, stages: FakeStages) -> None:
    assert kan("-q", *TRAIN).err == ""
    assert kan(*TRAIN, "-q").err == ""


def test_each_stage_goes_on_from_the_last_run(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN)
    assert kan("prune").out == "runs/data-001/0002-prune.kan\n"
    assert kan("refine", "last@train").out == "runs/data-001/0003-refine.kan\n"
    parent = load("runs/data-001/0003-refine.kan").parent
    assert parent is not None
    assert parent.number == 1


def test_symbolify_prints_formula_edges_and_checkpoint_unwrapped(
    kan: Kan, table: Path, stages: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    kan(*TRAIN)
    lines = kan("symbolify").out.splitlines()
    assert lines[0] == f"y = {FORMULA}"
    assert lines[1].split("\t") == [
        "layer", "from", "to", "function", "r2", "a", "b", "c", "d", "runner-up", "runner-up r2",
    ]  # fmt: skip
    assert lines[2].split("\t")[:5] == ["0", "0", "0", "sin", "0.9999999999991"]
    assert lines[3].split("\t")[-2:] == ["-", "-"]
    assert lines[4:] == ["# checkpoint: runs/data-001/0002-symbolify.kan"]


def test_json_is_one_document_with_the_promised_keys(kan: Kan, table: Path, stages: FakeStages) -> None:
    trained = json.loads(kan(*TRAIN, "--json").out)
    assert trained["checkpoint"] == "runs/data-001/0001-train.kan"
    assert trained["metrics"]["r2_validation"] == 0.998
    document = json.loads(kan("--json", "symbolify").out)
    assert document["kan"] == 1
    assert document["edges"] == EDGES
    promised = {
        "formula", "target", "latex", "r2", "r2_validation", "rmse", "complexity", "front", "edges",
        "constants", "splines_left", "checkpoint", "seed", "seconds", "symbols",
    }  # fmt: skip
    assert promised <= set(document)


def test_flags_reach_the_stage_and_the_rest_keeps_its_default(
    kan: Kan, table: Path, stages: FakeStages
) -> None:
    kan(*TRAIN, "--grid", "7", "--lamb", "1e-3", "--no-move-grid", "--seed", "4", "--jobs", "2")
    _, options, how = stages.calls[0]
    assert (options.grid, options.lamb, options.move_grid, options.order) == (7, 1e-3, False, 3)
    assert how == {"seed": 4, "jobs": 2}


def test_repeated_flags_add_up(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN)
    kan("symbolify", "--fix", "0,1,0=sin", "--fix", "1,0,0=exp", "--keep-spline", "0,0,0", "--lib", "x,sin")
    _, options, _ = stages.calls[1]
    assert options.fix == {"0,1,0": "sin", "1,0,0": "exp"}
    assert (options.keep_spline, options.lib) == (("0,0,0",), ("x", "sin"))


def test_a_later_stage_keeps_the_seed_of_its_run(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN, "--seed", "7")
    kan("prune")
    kan("prune", "--seed", "8")
    assert [how["seed"] for _, _, how in stages.calls] == [7, 7, 8]


def test_flag_over_recipe_over_default(kan: Kan, table: Path, stages: FakeStages) -> None:
    Path("r.yaml").write_text("seed: 5\ntrain: {grid: 8, order: 2}\nprune: {steps: 3}\n")
    kan(*TRAIN, "--recipe", "r.yaml", "--order", "1")
    kan("prune", "--recipe", "r.yaml")
    (_, trained, how), (_, pruned, _) = stages.calls
    assert (trained.grid, trained.order, trained.restarts, how["seed"]) == (8, 1, 8, 5)
    assert pruned.steps == 3


def test_the_checkpoint_holds_the_recipe_that_leads_to_it(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN, "--grid", "7", "--seed", "2")
    kan("prune", "--steps", "4")
    recipe = load("runs/data-001/0002-prune.kan").metadata["recipe"]
    assert recipe["stages"] == ["train", "prune"]
    assert (recipe["seed"], recipe["train"]["grid"], recipe["prune"]["steps"]) == (2, 7, 4)
    assert recipe["data"]["path"] == str(table)
    assert "refine" not in recipe


def test_run_goes_through_the_stages_and_prints_as_the_last(
    kan: Kan, table: Path, stages: FakeStages
) -> None:
    Path("r.yaml").write_text(
        "data: {path: data.csv}\ntrain: {width: [2, 1]}\nstages: [train, refine, symbolify]\n"
    )
    lines = kan("run", "r.yaml").out.splitlines()
    assert lines[0].startswith("y = ")
    assert lines[-1] == "# checkpoint: runs/data-001/0003-symbolify.kan"
    assert [name for name, _, _ in stages.calls] == ["train", "refine", "symbolify"]


def test_the_run_directory_can_be_chosen(kan: Kan, table: Path, stages: FakeStages) -> None:
    assert kan(*TRAIN, "--run", "here/it").out == "here/it/0001-train.kan\n"


def test_show_and_log_tell_what_is_there(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN)
    kan("symbolify")
    shown = kan("show", "last").out
    assert shown.startswith(f"y = {FORMULA}\n")
    assert "20 rows, 4 held out" in shown
    log = [line.split("\t") for line in kan("log", "last").out.splitlines()]
    assert [row[:3] for row in log] == [
        ["version", "stage", "parent"],
        ["1", "train", "-"],
        ["2", "symbolify", "1"],
    ]
    assert json.loads(kan("show", "--json").out)["stage"] == "symbolify"
    assert [version["number"] for version in json.loads(kan("log", "--json").out)["versions"]] == [1, 2]
