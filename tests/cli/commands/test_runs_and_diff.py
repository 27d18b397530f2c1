"""`kan runs` and `kan diff`: what there is, and what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_stages import FORMULA, FakeStages
from kit import Kan

TRAIN = ("-q", "train", "data.csv", "--width", "2,5,1")


@pytest.fixture
def two_runs(kan: Kan, table: Path, stages: FakeStages) -> None:
    """data-001 with a formula, data-002 with another grid and no formula."""
    for argv in (TRAIN, ("-q", "symbolify", "last"), (*TRAIN, "--grid", "7")):
        assert kan(*argv).code == 0


def cells(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_all_runs_are_listed_with_what_their_newest_version_says(kan: Kan, two_runs: None) -> None:
    header, first, second = cells(kan("runs").out)
    assert header == ["run", "data", "target", "stage", "versions", "r2", "formula", "saved"]
    assert first[:7] == ["runs/data-001", "data.csv", "y", "symbolify", "2", "1.0", FORMULA]
    assert second[:7] == ["runs/data-002", "data.csv", "y", "train", "1", "0.999", "-"]


def test_runs_of_another_folder_and_as_json(kan: Kan, two_runs: None) -> None:
    Path("runs").rename("old")
    document = json.loads(kan("runs", "old", "--json").out)
    assert [run["checkpoint"] for run in document["runs"]] == [
        "old/data-001/0002-symbolify.kan", "old/data-002/0001-train.kan",
    ]  # fmt: skip


def test_no_run_yet_is_no_error_and_says_how_to_make_one(kan: Kan) -> None:
    done = kan("runs")
    assert (done.code, len(cells(done.out))) == (0, 1)
    assert "kan fit DATA" in done.err


def test_a_damaged_run_is_still_listed(kan: Kan, two_runs: None) -> None:
    Path("runs/data-001/0002-symbolify.kan").write_bytes(b"nothing")
    document = json.loads(kan("runs", "--json").out)
    damaged = next(run for run in document["runs"] if run["run"] == "runs/data-001")
    assert damaged["stage"] == "symbolify"
    assert damaged["damage"] is not None


def test_diff_names_each_option_and_metric_that_differs_and_no_other(kan: Kan, two_runs: None) -> None:
    rows = cells(kan("diff", "runs/data-001@train", "runs/data-002").out)
    assert rows[0] == ["part", "what", "data-001@1", "data-002@1"]
    assert rows[1:] == [["option", "train.grid", "5", "7"]]


def test_one_version_is_compared_with_the_one_it_was_made_from(kan: Kan, two_runs: None) -> None:
    rows = cells(kan("diff", "runs/data-001").out)
    assert rows[0][2:] == ["data-001@1", "data-001@2"]
    assert ["formula", "formula", "-", FORMULA] in rows
    assert ["edge", "0,0,0", "-", "sin"] in rows
    assert ["option", "stages", "train", "train,symbolify"] in rows


def test_equal_versions_differ_in_nothing(kan: Kan, two_runs: None) -> None:
    document = json.loads(kan("diff", "runs/data-001@1", "runs/data-001@train", "--json").out)
    assert document["same"] is True
    assert document["differences"] == []


def test_a_first_version_has_nothing_to_be_compared_with(kan: Kan, two_runs: None) -> None:
    done = kan("diff", "runs/data-002")
    assert done.code == 2
    assert "as B" in done.err
