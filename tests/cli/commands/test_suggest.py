"""`kan suggest`, and choosing by hand after it, on a small run with the real stages."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from kit import Kan

from kancli.cli.output.scatter import scatter

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def run_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of sin(3·x1) + x2² through refine."""
    from kancli.cli import main

    folder = tmp_path_factory.mktemp("made")
    rows = [(math.sin(7.1 * i), math.cos(3.3 * i * i)) for i in range(250)]
    lines = "".join(f"{a!r},{b!r},{math.sin(3 * a) + b * b!r}\n" for a, b in rows)
    data = folder / "data.csv"
    data.write_text("x1,x2 [m],y\n" + lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in (("train", str(data), "--width", "2,1", "--restarts", "2"), ("refine", "last")):
            assert main([*stage, "-q"]) == 0
    return folder


@pytest.fixture
def made(run_made: Path, folder: Path) -> Path:
    """A copy of that run in the current folder, so that what a test adds stays its own."""
    shutil.copytree(run_made / "runs", folder / "runs")
    return folder


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_the_true_function_is_first_with_its_numbers(kan: Kan, made: Path) -> None:
    done = kan("suggest", "last@refine", "--edge", "0,0,0")
    assert done.code == 0
    first, *others = rows_of(done.out)
    assert first["function"] == "sin"
    assert abs(abs(float(first["a"])) - 3.0) < 1e-4
    assert float(first["r2"]) > 1 - 1e-8
    assert len(others) == 7
    assert first["expression"].count("x1") == 1


def test_off_a_terminal_there_is_a_table_and_nothing_else(kan: Kan, made: Path) -> None:
    done = kan("suggest", "last@refine", "--edge", "0,1,0", "--top", 3)
    assert done.err == ""
    header, *lines = done.out.splitlines()
    assert header.split("\t") == ["function", "r2", "complexity", "a", "b", "c", "d", "expression"]
    assert [len(line.split("\t")) for line in lines] == [8, 8, 8]


def test_json_is_one_document_with_the_same_candidates(kan: Kan, made: Path) -> None:
    table = rows_of(kan("suggest", "last@refine", "--edge", "0,1,0").out)
    told = json.loads(kan("suggest", "last@refine", "--edge", "0,1,0", "--json").out)
    assert told["edge"] == [0, 1, 0]
    assert told["variable"] == "x2_m"
    assert [c["function"] for c in told["candidates"]] == [row["function"] for row in table]
    assert told["candidates"][0]["function"] == "x^2"
    assert told["checkpoint"].endswith("refine.kan")


def test_only_the_library_asked_for_is_tried(kan: Kan, made: Path) -> None:
    done = kan("suggest", "last@refine", "--edge", "0,0,0", "--lib", "x,tanh", "--no-compositions")
    assert {row["function"] for row in rows_of(done.out)} == {"x", "tanh"}
    done = kan("suggest", "last@refine", "--edge", "0,0,0", "--exclude", "sin,cos")
    assert not {"sin", "cos"} & {row["function"] for row in rows_of(done.out)}


def test_a_function_of_ones_own_is_a_candidate(kan: Kan, made: Path) -> None:
    done = kan(
        "suggest", "last@refine", "--edge", "0,0,0", "--functions", "wave=sin(3*u)*1", "--lib", "x,wave"
    )
    assert done.code == 0
    assert rows_of(done.out)[0]["function"] == "wave"


def test_suggesting_changes_nothing(kan: Kan, made: Path) -> None:
    before = {p: p.read_bytes() for p in made.rglob("*") if p.is_file()}
    kan("suggest", "last@refine", "--edge", "0,0,0")
    assert {p: p.read_bytes() for p in made.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "0,0,0 0,1,0"),
        (("--edge", "0,5,0"), "0,5,0"),
        (("--edge", "first"), "layer,from,to"),
        (("--edge", "0,0,0", "--lib", "sine"), "sine"),
        (("--edge", "0,0,0", "--top", "0"), "top"),
    ],
)
def test_what_cannot_be_is_a_usage_error(
    kan: Kan, made: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = kan("suggest", "last@refine", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert words in done.err


def test_symbolify_again_from_an_earlier_version_with_other_choices(kan: Kan, made: Path) -> None:
    first = json.loads(kan("symbolify", "last@refine", "-q", "--json").out)
    again = json.loads(
        kan("symbolify", "last@refine", "-q", "--json", "--fix", "0,1,0=cosh", "--exclude", "tan").out
    )
    assert [e["function"] for e in first["edges"]] == ["sin", "x^2"]
    # Beside a function that does not fit, a straight line under the sine may pay.
    assert [e["function"] for e in again["edges"]] in (["sin", "cosh"], ["x + sin", "cosh"])
    assert first["checkpoint"] != again["checkpoint"]
    kept = json.loads(kan("symbolify", "last@refine", "-q", "--json", "--keep-spline", "0,1,0").out)
    assert "spline_0_1_0(x2_m)" in kept["formula"]
    assert kept["splines_left"] == 1


def test_a_terminal_gets_a_plot_of_the_edge(kan: Kan, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kancli.cli.output.streams.Streams.terminal", lambda self, stream=None: True)
    done = kan("suggest", "last@refine", "--edge", "0,0,0", "--no-color")
    assert "edge 0,0,0, fitted by sin" in done.out
    assert any(0x2800 < ord(mark) < 0x2900 for mark in done.out)


def test_a_plot_puts_points_where_they_belong() -> None:
    drawn = scatter([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0], width=3, height=3, ascii_only=True)
    assert [line.split("|")[1] for line in drawn.splitlines()[:3]] == ["  .", " .", "."]


def test_a_curve_that_leaves_the_points_is_seen_in_ascii() -> None:
    drawn = scatter([0.0, 1.0], [0.0, 0.0], [0.0, 1.0], width=2, height=2, ascii_only=True)
    assert [line.split("|")[1] for line in drawn.splitlines()[:2]] == [" o", ".."]


def test_a_braille_character_holds_eight_points() -> None:
    y = [float(level) for level in range(8)] * 2
    drawn = scatter([0.0] * 8 + [1.0] * 8, y, y, width=1, height=2)
    assert drawn.count("\u28ff") == 2


def test_a_constant_edge_can_be_drawn() -> None:
    assert "." in scatter([0.0, 1.0], [2.0, 2.0], [2.0, 2.0], width=4, height=3, ascii_only=True)
