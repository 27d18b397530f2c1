"""`kan predict` and `kan eval` on a small run with the real stages."""

from __future__ import annotations

import io
import json
import math
import shutil
import sys
from pathlib import Path

import pytest
import torch
from kit import Kan

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def run_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of "T [K]" = exp(a) + 2·b through symbolify, with a column k that is always 3."""
    from kancli.cli import main

    folder = tmp_path_factory.mktemp("made")
    rows = [(math.sin(7.1 * i), math.cos(3.3 * i * i)) for i in range(150)]
    lines = "".join(f"{a!r},3,{b!r},{math.exp(a) + 2 * b!r}\n" for a, b in rows)
    (folder / "data.csv").write_text("a,k,b,T [K]\n" + lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in (("train", "data.csv", "--width", "2,1", "--restarts", "1"), ("symbolify", "last")):
            assert main([*stage, "-q"]) == 0
    return folder


@pytest.fixture
def made(run_made: Path, folder: Path) -> Path:
    """A copy of that run and its table in the current folder."""
    shutil.copytree(run_made, folder, dirs_exist_ok=True)
    return folder


NEW = "b;note;a\n0,5;x;0\n1;y;5\n"


def truth(a: float, b: float) -> float:
    return math.exp(a) + 2 * b


def test_columns_are_found_by_name_and_a_foreign_notation_is_read(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text(NEW)
    done = kan("predict", "last", "new.csv")
    header, *values = done.out.splitlines()
    assert (done.code, header) == (0, "T [K]")
    assert [float(v) for v in values] == pytest.approx([truth(0, 0.5), truth(5, 1)], rel=1e-9)


def test_rows_outside_the_trained_range_are_remarked_on_by_column(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("a,b,k\n0.5,0,3\n7,0,3\n8,0,4\n")
    err = kan("predict", "last", "new.csv").err.splitlines()
    assert len(err) == 2
    assert err[0].startswith("new.csv: a: 2 of 3 rows outside the trained range, -1 to 1")
    assert err[1] == "new.csv: k: 1 of 3 rows differ from 3, its only value in training"
    assert kan("predict", "last", "data.csv").err == ""


def test_append_keeps_the_table_as_it_is_and_adds_a_column(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text(NEW)
    lines = kan("predict", "last", "new.csv", "--append").out.splitlines()
    assert lines[0] == "b;note;a;T [K]"
    assert lines[1].rpartition(";")[0] == "0,5;x;0"
    assert float(lines[1].rpartition(";")[2].replace(",", ".")) == pytest.approx(truth(0, 0.5))
    assert kan("predict", "last", "data.csv", "--append").out.startswith("a,k,b,T [K],T [K]_predicted\n")


def test_an_output_file_may_be_the_table_itself(kan: Kan, made: Path) -> None:
    before = Path("data.csv").read_text().splitlines()
    done = kan("predict", "last", "data.csv", "--append", "-o", "data.csv")
    assert (done.code, done.out) == (0, "")
    after = Path("data.csv").read_text().splitlines()
    assert [line.rpartition(",")[0] for line in after] == before
    assert not list(Path().glob(".*.tmp"))


def test_where_a_row_cannot_be_read_nothing_is_written(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("a,b\n1,2\n1,oops\n")
    done = kan("predict", "last", "new.csv", "-o", "out.csv")
    assert (done.code, done.out) == (3, "")
    assert "new.csv:3:2" in done.err
    assert not Path("out.csv").exists()
    assert kan("predict", "last", "new.csv").out == ""


def test_the_network_predicts_where_it_is_asked_for_or_there_is_no_formula(kan: Kan, made: Path) -> None:
    documents = {
        argv: json.loads(kan("predict", *argv, "data.csv", "--json").out)
        for argv in (("last",), ("last", "--network"), ("last@train",))
    }
    assert [d["model"] for d in documents.values()] == ["formula", "network", "network"]
    formula, network, trained = (d["predictions"] for d in documents.values())
    assert network == trained
    assert network != formula
    assert network == pytest.approx(formula, abs=1e-2)


def test_a_column_that_is_not_there_names_the_nearest(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("A,b\n1,2\n")
    done = kan("predict", "last", "new.csv")
    assert (done.code, done.out) == (3, "")
    assert "new.csv: no column 'a'; did you mean 'A'?" in done.err


def test_a_table_from_standard_input_goes_to_the_last_run(
    kan: Kan, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for argv in (("predict", "-"), ("predict", "last", "-")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n0,0\n")))
        done = kan(*argv)
        assert done.code == 0, done.err
        assert float(done.out.splitlines()[1]) == pytest.approx(1.0, abs=1e-9)


def test_rows_with_missing_values_can_be_left_out(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("a,b\n0,0\n,1\n")
    assert kan("predict", "last", "new.csv").code == 3
    done = kan("predict", "last", "new.csv", "--append", "--drop-missing")
    assert len(done.out.splitlines()) == 2
    assert "1 row with missing values left out" in done.err


def test_eval_prints_each_metric_and_the_rows(kan: Kan, made: Path) -> None:
    rows = dict(line.split("\t") for line in kan("eval", "last", "data.csv").out.splitlines()[1:])
    assert list(rows) == [
        "r2", "rmse", "mae", "max_error", "error_50%", "error_90%", "error_99%", "rows",
    ]  # fmt: skip
    assert float(rows["r2"]) == pytest.approx(1, abs=1e-12)
    assert rows["rows"] == "150"


def test_a_gate_that_is_missed_exits_7_after_the_metrics(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("a,b,truth\n0,0,1\n0,1,5\n1,1,9\n")
    argv = ("eval", "last", "new.csv", "--target", "truth", "--require-r2", "0.9")
    done = kan(*argv)
    assert done.code == 7
    assert done.out.startswith("metric\tvalue\nr2\t")
    assert "0.9 is required" in done.err
    document = json.loads(kan(*argv, "--json").out)
    assert document["passed"] is False
    assert document["r2"] < 0.9
    assert kan("eval", "last", "data.csv", "--require-r2", "0.999").code == 0


def test_without_data_there_is_nothing_to_predict(kan: Kan, made: Path) -> None:
    done = kan("predict")
    assert done.code == 2
    assert "DATA is missing" in done.err


def test_a_column_that_the_formula_does_not_mention_need_not_be_there(kan: Kan, folder: Path) -> None:
    rows = [(1.5 + math.sin(7.1 * i), 2 + math.cos(3.3 * i * i), 1.2 + math.sin(i)) for i in range(60)]
    Path("d.csv").write_text("a,b,c,y\n" + "".join(f"{a!r},{b!r},{c!r},{a * c!r}\n" for a, b, c in rows))
    assert kan("fit", "d.csv", "-q").out.splitlines()[0] == "y = a*c"
    Path("new.csv").write_text("c,a\n2,1\n")
    assert [float(v) for v in kan("predict", "last", "new.csv").out.splitlines()[1:]] == [2.0]
    Path("more.csv").write_text("c,b,a,y\n2,90,1,2\n1,2,1,1\n")
    done = kan("eval", "last", "more.csv")
    assert done.code == 0
    assert "more.csv: b: 1 of 2 rows outside the trained range" in done.err
    Path("less.csv").write_text("a,b\n2,1\n")
    assert kan("predict", "last", "less.csv").code == 3


def test_a_formula_that_is_typed_is_judged_on_a_table(kan: Kan, folder: Path) -> None:
    (folder / "law.csv").write_text("a,b,y\n" + "".join(f"{i},{i % 3},{2 * i + i % 3}\n" for i in range(20)))
    assert json.loads(kan("eval", "--formula", "2*a + b", "law.csv", "--json").out)["rmse"] == 0.0
    one = json.loads(kan("eval", "--formula", "(y - b)/2", "law.csv", "--target", "a", "--json").out)
    assert one["r2"] == 1.0
    assert one["checkpoint"] is None
    assert json.loads(kan("eval", "--formula", "7", "law.csv", "--json").out)["rows"] == 20
    refused = kan("eval", "--formula", "2*q", "law.csv")
    assert refused.code == 2
    assert "columns: a, b" in refused.err


def test_an_interval_is_two_more_columns(kan: Kan, folder: Path) -> None:
    lines = "".join(f"{i / 10},{2 + i / 5 + 0.1 * math.sin(7.3 * i * i)!r}\n" for i in range(40))
    (folder / "line.csv").write_text("x,y\n" + lines)
    assert kan("fit", "line.csv", "--like", "m*x + n", "--run", "one").code == 0
    done = kan("predict", "one", "line.csv", "--interval", "0.9")
    header, *rows = done.out.splitlines()
    assert (done.code, header) == (0, "y,y_low,y_high")
    ends = [tuple(map(float, row.split(","))) for row in rows]
    assert all(low < middle < high for middle, low, high in ends)
    document = json.loads(kan("predict", "one", "line.csv", "--interval", "0.9", "--json").out)
    assert document["interval"]["low"] == [low for _, low, _ in ends]
    assert kan("predict", "one", "line.csv", "--interval", "90").code == 2


def test_eval_measures_groups_that_a_column_of_text_names(kan: Kan, made: Path) -> None:
    Path("new.csv").write_text("a,b,kind,T [K]\n0,0,red,1\n0,1,blue,4\n0,2,red,7\n0,3,blue,7\n")
    done = kan("eval", "last", "new.csv", "--by", "kind")
    table = done.out.split("\n\n")[1].splitlines()
    assert table[0] == "kind\trows\tr2\trmse\tmae\tmax_error"
    assert [row.split("\t")[:2] for row in table[1:]] == [["red", "2"], ["blue", "2"]]
    document = json.loads(kan("eval", "last", "new.csv", "--by", "kind", "--json").out)
    assert [group["max_error"] for group in document["groups"]] == pytest.approx([2, 1], abs=1e-6)
    assert document["quantiles"]["0.5"] == pytest.approx(0.5, abs=1e-6)
    assert kan("eval", "last", "new.csv", "--by", "nosuch").code == 3


def test_the_bootstrap_makes_an_interval_too(kan: Kan, folder: Path) -> None:
    lines = "".join(f"{i / 10},{2 + i / 5 + 0.1 * math.sin(7.3 * i * i)!r}\n" for i in range(40))
    (folder / "line.csv").write_text("x,y\n" + lines)
    assert kan("fit", "line.csv", "--like", "m*x + n", "--run", "one").code == 0
    argv = ("predict", "one", "line.csv", "--interval", "0.9", "--bootstrap", "50")
    done = kan(*argv)
    ends = [tuple(map(float, row.split(","))) for row in done.out.splitlines()[1:]]
    assert all(low < middle < high for middle, low, high in ends)
    assert kan(*argv).out == done.out
    assert kan("predict", "one", "line.csv", "--bootstrap", "50").code == 2


def test_show_prints_the_intervals_of_constants(kan: Kan, made: Path, folder: Path) -> None:
    lines = "".join(f"{i / 10},{2 + i / 5 + 0.1 * math.sin(7.3 * i * i)!r}\n" for i in range(40))
    (folder / "line.csv").write_text("x,y\n" + lines)
    assert kan("fit", "line.csv", "--like", "m*x + n", "--run", "one").code == 0
    header, *rows = [line.split("\t") for line in kan("show", "one", "--intervals").out.splitlines()]
    assert header == ["constant", "value", "standard error", "low", "high", "exact"]
    assert [row[0] for row in rows] == ["m", "n"]
    assert all(float(row[3]) < float(row[1]) < float(row[4]) for row in rows)
    document = json.loads(kan("show", "one", "--intervals", "--json").out)
    assert document["constants"][0]["interval"] == [float(end) for end in rows[0][3:5]]


def test_after_a_plain_symbolify_a_prediction_has_an_interval(kan: Kan, folder: Path) -> None:
    lines = "".join(f"{i / 10},{2 + i / 5 + 0.1 * math.sin(7.3 * i * i)!r}\n" for i in range(60))
    (folder / "line.csv").write_text("x,y\n" + lines)
    assert kan("train", "line.csv", "--width", "1,1", "--restarts", "1", "--run", "one", "-q").code == 0
    done = kan("symbolify", "one", "--lib", "x,x^2", "--no-compositions", "--no-snap", "--json")
    assert any(entry["interval"] for entry in json.loads(done.out)["constants"])
    assert kan("predict", "one", "line.csv", "--interval", "0.9").out.startswith("y,y_low,y_high\n")
