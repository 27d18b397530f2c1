"""Targets that are labels: kan fit, predict and eval."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from kit import Kan

torch.set_num_threads(1)
FIT = ("--time-limit", "12", "--jobs", "1", "--exclude", "abs")


@pytest.fixture
def labelled(folder: Path) -> Path:
    """500 rows, in or out of a blurred circle of radius 1.2."""
    generator = np.random.default_rng(0)
    x = generator.uniform(-2, 2, (500, 2))
    eta = 4 * (x**2).sum(axis=1) - 6
    out = generator.uniform(size=500) < 1 / (1 + np.exp(-eta))
    rows = [f"{a!r},{b!r},{'out' if o else 'in'}" for (a, b), o in zip(x.tolist(), out, strict=True)]
    path = folder / "circle.csv"
    path.write_text("a,b,where\n" + "\n".join(rows) + "\n")
    return path


def test_labels_have_a_formula_of_their_log_odds_that_predicts_them(kan: Kan, labelled: Path) -> None:
    found = json.loads(kan("fit", labelled, *FIT, "--json").out)
    assert found["classes"] == ["in", "out"]
    assert "a**2" in found["formula"]
    assert "b**2" in found["formula"]
    assert found["accuracy"] > 0.85
    assert found["auc"] > 0.9
    assert sum(map(sum, found["confusion"])) == 500
    told = list(csv.DictReader(io.StringIO(kan("predict", "last", labelled).out)))
    known = list(csv.DictReader(io.StringIO(labelled.read_text())))
    hits = [row["where"] == truth["where"] for row, truth in zip(told, known, strict=True)]
    assert sum(hits) / 500 == pytest.approx(found["accuracy"])
    assert float(told[0]["P(in)"]) + float(told[0]["P(out)"]) == pytest.approx(1.0)
    judged = json.loads(kan("eval", "last", labelled, "--json").out)
    assert judged["accuracy"] == pytest.approx(found["accuracy"])
    assert judged["log_loss"] == pytest.approx(found["log_loss"])


def test_whole_numbers_are_classes_only_where_that_is_said(kan: Kan, labelled: Path) -> None:
    text = labelled.read_text().replace(",in", ",0").replace(",out", ",1")
    labelled.write_text(text)
    found = json.loads(kan("fit", labelled, *FIT, "--task", "classify", "--json").out)
    assert found["classes"] == ["0", "1"]
    assert "classes" not in json.loads(kan("fit", labelled, "--time-limit", "4", "--jobs", "1", "--json").out)


def test_a_label_that_was_not_there_is_an_error_with_its_line(kan: Kan, labelled: Path, folder: Path) -> None:
    kan("fit", labelled, "--time-limit", "4", "--jobs", "1", "-q")
    (folder / "new.csv").write_text("a,b,where\n0,0,in\n1,1,edge\n")
    result = kan("eval", "last", "new.csv")
    assert result.code == 3
    assert "new.csv:3:3: unknown label 'edge'" in result.err


def test_only_a_few_texts_in_many_rows_are_labels_by_themselves(tmp_path: Path) -> None:
    from kancli.dataset import holds_labels

    targets = {
        "labels": ["yes", "no", "no", "yes", "no", "yes"],
        "names": ["ann", "bob", "eve", "ian", "joe", "kim"],
        "dates": ["2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07", "2024-01-08"],
        "numbers": ["1", "0", "0", "1", "0", "1"],
    }
    found = {}
    for name, cells in targets.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("x,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
        found[name] = holds_labels(str(path))
    assert found == {"labels": True, "names": False, "dates": False, "numbers": False}


def test_a_table_that_can_be_read_once_is_still_there_for_the_search(kan: Kan, tmp_path: Path) -> None:
    pipe = tmp_path / "table"
    os.mkfifo(pipe)
    rows = "x,y\n" + "".join(f"{i},{3 * i}\n" for i in range(1, 13))
    writer = threading.Thread(target=lambda: pipe.write_text(rows))
    writer.start()
    done = kan("fit", pipe, "--run", tmp_path / "run", "--jobs", "1")
    writer.join()
    assert (done.code, done.out.splitlines()[0]) == (0, "y = 3*x")


@pytest.mark.parametrize("alone", [("--free", "a"), ("--shared", "a"), ("--trajectory", "x")])
def test_an_option_without_the_one_that_it_belongs_to_is_refused(
    kan: Kan, tmp_path: Path, alone: tuple[str, str]
) -> None:
    (tmp_path / "line.csv").write_text("x,y\n1,2\n2,4\n3,6\n4,8\n5,10\n")
    assert kan("fit", tmp_path / "line.csv", *alone).code == 2
