"""`RUN#2`: another formula of a version's front in show, export, predict and eval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import Checkpoint, new_run, save


def entry(formula: str, complexity: int, rmse: float, **more: Any) -> dict[str, Any]:
    quality = {"r2": 1 - rmse, "r2_validation": None, "rmse": rmse}
    return {"formula": formula, "complexity": complexity, **quality, "chosen": False, **more}


FRONT = [
    entry("2.5*a", 3, 0.3),
    entry("2*a + 3*b", 7, 0.0, chosen=True),
    entry("2*a + 3.5*sin(b) + 0.25", 9, 0.1, edges=[]),
]
METADATA: dict[str, Any] = {
    "formula": "2*a + 3*b",
    "latex": "2 a + 3 b",
    "r2": 1.0,
    "rmse": 0.0,
    "complexity": 7,
    "inputs": ["a", "b"],
    "target": "y",
    "front": FRONT,
    "verdict": {"kind": "law", "why": "because", "confidence": 0.9},
    "recipe": {"version": 1, "data": {"path": "data.csv"}},
    "edges": [],
    "splines_left": 0,
}


@pytest.fixture
def run(folder: Path) -> Path:
    """A run in the current folder whose one version has a front of three formulas, and a table."""
    run = new_run(Path("runs"), "data.csv", command=["kan"])
    save(Checkpoint("fit", {"w": np.zeros(1)}, METADATA), run, None)
    Path("new.csv").write_text("a,b,y\n2,0,5\n4,1,10\n")
    return run


def test_predict_and_eval_use_the_formula_of_the_front_that_is_named(kan: Kan, run: Path) -> None:
    assert kan("predict", "last#1", "new.csv").out.split() == ["y", "5.0", "10.0"]
    assert kan("predict", "last#2", "new.csv").out.split() == ["y", "4.0", "11.0"]
    assert kan("predict", f"{run}@fit#1", "new.csv").out.split() == ["y", "5.0", "10.0"]
    assert json.loads(kan("eval", "last#1", "new.csv", "--json").out)["r2"] == 1
    assert json.loads(kan("eval", "last#2", "new.csv", "--json").out)["r2"] < 1


def test_export_writes_the_formula_that_is_named(kan: Kan, run: Path) -> None:
    assert kan("export", "last#1", "-f", "text").out.strip() == "2.5*a"
    assert "sin(b)" in kan("export", "last#3", "-f", "c").out


def test_the_facts_shown_are_those_of_the_member(kan: Kan, run: Path) -> None:
    shown = json.loads(kan("show", "last#3", "--json").out)
    assert (shown["formula"], shown["complexity"], shown["rmse"]) == ("2*a + 3.5*sin(b) + 0.25", 9, 0.1)
    assert r"\sin" in shown["latex"]
    assert [constant["value"] for constant in shown["constants"]] == [3.5, 0.25]
    assert shown["member"] == 3
    assert "verdict" not in shown
    assert kan("show", "last#3").out.startswith("y = 2*a + 3.5*sin(b) + 0.25\n")


def test_the_chosen_member_is_the_version_itself(kan: Kan, run: Path) -> None:
    chosen, whole = (json.loads(kan("show", name, "--json").out) for name in ("last#2", "last"))
    assert chosen == {**whole, "member": 2}


def test_show_numbers_the_front_from_one(kan: Kan, run: Path) -> None:
    rows = [line.split("\t") for line in kan("show", "last").out.splitlines()]
    assert [row[0] for row in rows if row[-1] in {str(each["formula"]) for each in FRONT}] == ["1", "2", "3"]


@pytest.mark.parametrize("number", [0, 4])
@pytest.mark.parametrize("command", [("show",), ("export",), ("predict", "new.csv"), ("eval", "new.csv")])
def test_a_number_outside_the_front_is_refused_with_its_length(
    kan: Kan, run: Path, command: tuple[str, ...], number: int
) -> None:
    name, *more = command
    done = kan(name, f"last#{number}", *more)
    assert done.code == 2
    assert f"#{number}: the front has 3 formulas" in done.err


@pytest.mark.parametrize("command", [("plot",), ("log",)])
def test_commands_that_need_a_whole_version_refuse_a_member(
    kan: Kan, run: Path, command: tuple[str, ...]
) -> None:
    name, *more = command
    done = kan(name, "last#1", *more)
    assert done.code == 2
    assert "whole version" in done.err


def test_a_network_is_no_member_of_a_front(kan: Kan, run: Path) -> None:
    assert kan("predict", "last#1", "new.csv", "--network").code == 2


def test_a_run_whose_name_ends_in_a_number_after_a_hash_is_found(kan: Kan, run: Path) -> None:
    run.rename("run#1")
    assert kan("predict", "run#1", "new.csv").out.split() == ["y", "4.0", "11.0"]
    assert kan("predict", "run#1#1", "new.csv").out.split() == ["y", "5.0", "10.0"]
