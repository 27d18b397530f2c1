"""`kan init` writes recipes that run, and `kan check` finds what is wrong before anything runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from kit import ROOT, Kan

from kancli.recipe import read_recipe

torch.set_num_threads(1)

MESSY = "n;T [K];kind;k;V\n" + "".join(
    f"{i};{290 + i * i % 7},{i};{'red' if i % 2 else 'blue'};3;{i * i % 11},5\n" for i in range(1, 40)
)


@pytest.fixture
def messy(folder: Path) -> Path:
    path = folder / "messy.csv"
    path.write_text(MESSY)
    return path


@pytest.mark.parametrize("name", ["planets", "boyle"])
def test_a_recipe_made_for_a_table_runs(kan: Kan, folder: Path, name: str) -> None:
    shutil.copy(ROOT / "sample_data" / f"{name}.csv", "data.csv")
    assert kan("init", "data.csv", "-o", "r.yaml").code == 0
    assert kan("check", "r.yaml").code == 0
    done = kan("run", "r.yaml", "-q", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["r2"] > 0.99


def test_the_recipe_names_the_schema_first_and_the_command_second(kan: Kan, messy: Path) -> None:
    lines = kan("init", "messy.csv").out.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=kan.schema.json"
    assert lines[1] == "# kan run messy.yaml"


def test_target_and_inputs_are_those_that_can_be_used(kan: Kan, messy: Path) -> None:
    Path("r.yaml").write_text(kan("init", "messy.csv").out)
    recipe = read_recipe("r.yaml")
    assert (recipe.data.target, recipe.data.inputs) == ("V", ("T [K]",))
    assert recipe.train.layers[0] == (1, 0)
    assert "# left out: kind, which is text" in Path("r.yaml").read_text()


def test_what_is_asked_for_is_in_the_recipe(kan: Kan, messy: Path) -> None:
    text = kan("init", "messy.csv", "--target", "T [K]", "--inputs", "V,n", "--seed", "3", "--sep", ";").out
    Path("r.yaml").write_text(text)
    recipe = read_recipe("r.yaml")
    assert (recipe.data.target, recipe.data.inputs, recipe.data.sep) == ("T [K]", ("V", "n"), ";")
    assert recipe.seed == 3


def test_a_recipe_in_another_folder_finds_its_table(kan: Kan, messy: Path) -> None:
    Path("recipes").mkdir()
    kan("init", "messy.csv", "-o", "recipes/r.yaml")
    assert "path: ../messy.csv" in Path("recipes/r.yaml").read_text()
    assert kan("check", "recipes/r.yaml").code == 0


def test_a_file_that_is_there_is_not_replaced_unless_forced(kan: Kan, messy: Path) -> None:
    Path("r.yaml").write_text("precious")
    done = kan("init", "messy.csv", "-o", "r.yaml")
    assert (done.code, Path("r.yaml").read_text()) == (2, "precious")
    assert "--force" in done.err
    assert kan("init", "messy.csv", "-o", "r.yaml", "--force").code == 0


def test_few_rows_determine_few_hidden_nodes() -> None:
    from kancli.cli.actions.starter import ORDER, ROWS_PER_COEFFICIENT, hidden_nodes

    assert hidden_nodes(2, 100_000, 5) == 5
    for rows in (50, 200, 1000):
        hidden = hidden_nodes(6, rows, 3)
        if hidden > 1:
            assert (6 * hidden + hidden) * (3 + ORDER) * ROWS_PER_COEFFICIENT <= rows


def test_a_recipe_may_be_that_of_a_search(kan: Kan, messy: Path) -> None:
    Path("r.yaml").write_text(kan("init", "messy.csv", "--search").out)
    assert read_recipe("r.yaml").stages == ("fit",)
    assert kan("check", "r.yaml").code == 0


def test_a_good_table_has_its_columns_listed_and_nothing_found(kan: Kan) -> None:
    done = kan("check", ROOT / "sample_data" / "tutorial.csv")
    rows = [line.split("\t") for line in done.out.rstrip().splitlines()]
    assert (done.code, done.err) == (0, "")
    assert rows[0] == ["column", "role", "kind", "missing", "distinct", "low", "median", "high"]
    assert [row[:3] for row in rows[1:]] == [
        ["x1", "input", "numbers"], ["x2", "input", "numbers"], ["y", "target", "numbers"],
    ]  # fmt: skip


def test_what_fit_would_refuse_exits_3_after_the_report(kan: Kan, messy: Path) -> None:
    messy.write_text(MESSY.replace("blue", "green", 1))  # three texts are no category
    done = kan("check", "messy.csv", "--inputs", "n,kind,k")
    assert done.code == 3
    assert "messy.csv:2:3: column 'kind': not a number" in done.err
    found = [line.split("\t") for line in done.out.split("\n\n")[1].splitlines()]
    assert found[0] == ["level", "where", "finding", "hint"]
    assert [row[1] for row in found[1:]] == ["n", "kind", "k"]
    document = json.loads(kan("check", "messy.csv", "--inputs", "n,kind,k", "--json").out)
    assert document["well"] is False
    assert [f["column"] for f in document["findings"]] == ["n", "kind", "k"]


def test_what_is_read_as_numbers_is_said_before(kan: Kan, messy: Path) -> None:
    document = json.loads(kan("check", "messy.csv", "--json").out)
    assert document["well"] is True
    (finding,) = [f for f in document["findings"] if f["column"] == "kind"]
    assert finding["text"] == "two texts, read as blue = 0 and red = 1"
    (column,) = [c for c in document["columns"] if c["column"] == "kind"]
    assert (column["role"], column["kind"], column["low"], column["high"]) == ("input", "whole", 0.0, 1.0)


def test_columns_that_are_not_used_are_not_judged(kan: Kan, messy: Path) -> None:
    done = kan("check", "messy.csv", "--inputs", "T [K]", "--json")
    assert (done.code, json.loads(done.out)["findings"]) == (0, [])


def test_all_mistakes_of_a_recipe_come_with_line_and_column(kan: Kan, folder: Path) -> None:
    Path("bad.yaml").write_text("data: {pth: data.csv}\ntrain: {width: [2, 1], grid: 0}\n")
    done = kan("check", "bad.yaml")
    assert done.code == 4
    assert [line.split(": ")[0] for line in done.err.splitlines()[1:]] == [
        "bad.yaml:1:1",
        "bad.yaml:1:8",
        "bad.yaml:2:30",
    ]
    document = json.loads(kan("check", "bad.yaml", "--json").out)
    assert document["well"] is False
    assert len(document["mistakes"]) == 3


def test_functions_and_width_that_do_not_fit_are_mistakes_too(kan: Kan, messy: Path) -> None:
    good = "data: {path: messy.csv, inputs: [T [K]]}\ntrain: {width: [1, 1]}\n".replace(
        "[T [K]]", '["T [K]"]'
    )
    Path("r.yaml").write_text(good)
    assert kan("check", "r.yaml").code == 0
    Path("r.yaml").write_text(good + "symbolify:\n  lib: [x, sine]\n  functions: {f: u +}\n")
    done = kan("check", "r.yaml")
    assert done.code == 4
    assert "r.yaml:4:12: symbolify.lib[1]: unknown function 'sine'; did you mean 'sin'?" in done.err
    assert "r.yaml:5:" in done.err
    Path("r.yaml").write_text(good.replace("[1, 1]", "[2, 1]"))
    done = kan("check", "r.yaml")
    assert done.code == 4
    assert "r.yaml:2:16: train.width: 2,1: the data have 1 inputs (T [K])" in done.err
