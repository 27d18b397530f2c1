"""`kan fit` with rows that no choice sees, and in folds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from kit import Kan


@pytest.fixture
def data(folder: Path) -> Path:
    """y = 2·exp(-0.7·x) with noise, 60 rows; other.csv has the same law elsewhere."""
    rng = np.random.default_rng(0)
    for name, low, high in (("data.csv", 0.0, 3.0), ("other.csv", 3.0, 6.0)):
        x = rng.uniform(low, high, 60)
        y = 2 * np.exp(-0.7 * x) + rng.normal(0, 0.02, 60)
        np.savetxt(folder / name, np.column_stack([x, y]), delimiter=",", header="x,y", comments="")
    return folder / "data.csv"


FORM = ("--like", "a*exp(-b*x)")


def test_the_rows_of_a_test_are_not_fitted(kan: Kan, data: Path) -> None:
    plain = json.loads(kan("fit", data, *FORM, "--json").out)
    document = json.loads(kan("fit", data, *FORM, "--test", "0.5", "--json").out)
    assert plain["test"] is None
    assert document["test"]["rows"] == 30
    assert 0.9 < document["test"]["r2"] < 1
    assert document["formula"] != plain["formula"]
    shown = json.loads(kan("show", "last", "--json").out)
    assert shown["data"]["rows"] == 30
    assert kan("plot", "last", "--kind", "parity").code == 0  # the same rows are found again


def test_another_table_judges_the_formula_and_changes_nothing(kan: Kan, data: Path) -> None:
    plain = json.loads(kan("fit", data, *FORM, "--json").out)
    done = kan("fit", data, *FORM, "--test", data.with_name("other.csv"), "--json")
    document = json.loads(done.out)
    assert document["formula"] == plain["formula"]
    assert document["test"]["rows"] == 60
    assert document["test"]["source"].endswith("other.csv")
    assert document["test"]["rmse"] == pytest.approx(0.02, rel=0.3)
    assert document["test"]["r2"] != document["r2"]
    data.with_name("other.csv").unlink()
    assert kan("plot", "last", "--kind", "parity").code == 0


def test_a_share_must_be_one(kan: Kan, data: Path) -> None:
    done = kan("fit", data, "--test", "1.5")
    assert done.code == 2
    assert "--test 1.5: a share of the rows must be above 0 and below 1" in done.err
    assert kan("fit", data, "--test", "nosuch.csv", *FORM).code == 3


def test_folds_tell_how_often_the_form_is_found_and_how_its_constants_vary(kan: Kan, data: Path) -> None:
    done = kan("fit", data, *FORM, "--cv", "4")
    assert "folds: the same form in 4 of 4; r² on the rows left out 0.99" in done.err
    assert re.search(r"; a [12]\.[0-9]+ ± 0\.0[0-9]+; b 0\.[67]", done.err)
    folds = json.loads(kan("fit", data, *FORM, "--cv", "4", "--json").out)["folds"]
    assert [fold["rows"] for fold in folds] == [15] * 4
    assert len({fold["constants"]["b"] for fold in folds}) == 4
    assert all(fold["constants"]["b"] == pytest.approx(0.7, abs=0.05) for fold in folds)


def test_the_whole_search_is_repeated_in_each_fold(kan: Kan, data: Path) -> None:
    folds = json.loads(kan("fit", data, "--cv", "2", "--time-limit", "9", "--json").out)["folds"]
    assert len(folds) == 2
    assert all(fold["r2_test"] > 0.9 for fold in folds)


def test_groups_have_no_test(kan: Kan, data: Path) -> None:
    done = kan("fit", data, "--groups", "x", "--test", "0.2")
    assert (done.code, "--test: not with --groups" in done.err) == (2, True)


def test_an_outlier_is_named_by_its_line_in_the_file(kan: Kan, folder: Path) -> None:
    x = np.linspace(0, 3, 40)
    y = 3 * np.exp(-0.7 * x) + 0.02 * np.random.default_rng(0).normal(size=40)
    y[20] += 5
    rows = [f"{a},{b}" for a, b in zip(x, y, strict=True)]
    rows[3] = ",1"
    text = "\n".join(["# measured", "x,y", *rows[:10], "# later", *rows[10:]]) + "\n"
    (folder / "d.csv").write_text(text)
    done = kan("fit", "d.csv", "--like", "a*exp(-b*x)", "--loss", "t", "--drop-missing", "--json")
    (outlier,) = json.loads(done.out)["outliers"]
    assert text.splitlines()[outlier["line"] - 1] == rows[20]
    assert outlier["row"] == 21
