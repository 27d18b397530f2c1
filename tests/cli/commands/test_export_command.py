"""`kan export`: formats by name and by the file's ending, files that check themselves, refusals."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import Checkpoint, new_run, save

METADATA: dict[str, Any] = {
    "formula": "T_K**2/(2*m)",
    "latex": "x",
    "inputs": ["T [K]", "m"],
    "target": "E",
    "data": {
        "source": "data.csv",
        "rows": 9,
        "path": None,
        "copy": None,
        "seed": 0,
        "fingerprint": "",
        "options": {},
        "ranges": {"T [K]": [250.0, 400.0], "m": [-2.0, -1.0]},
    },
    "recipe": {"version": 1, "data": {"path": "data.csv"}, "units": {"E": "J"}},
    "splines_left": 0,
}


def saved(**changes: Any) -> Path:
    """A run in the current folder whose one version has a formula."""
    run = new_run(Path("runs"), "data.csv", command=["kan"])
    save(Checkpoint("symbolify", {"w": np.zeros(1)}, {**METADATA, **changes}), run, None)
    return run


def test_the_ending_of_the_file_chooses_the_format(kan: Kan) -> None:
    saved()
    for file, start in (("law.c", "// E = "), ("law.f90", "! E = "), ("law.R", "# E = "), ("law", "T_K**2")):
        done = kan("export", "last", "-o", file)
        assert (done.code, done.out) == (0, "")
        assert Path(file).read_text().startswith(start)


def test_a_format_that_is_named_wins_over_the_ending(kan: Kan) -> None:
    saved()
    assert kan("export", "last", "-f", "json", "-o", "law.c").code == 0
    assert json.loads(Path("law.c").read_text())["target"] == "E"


@pytest.mark.parametrize(("name", "part"), [("cpp", "std::"), ("js", "Math."), ("matlab", ".^"), ("R", "<-")])
def test_formats_go_by_other_names_too(kan: Kan, name: str, part: str) -> None:
    saved(formula="sqrt(T_K)*m**2")
    assert part in kan("export", "last", "-f", name).out


def test_json_tells_the_format_that_was_chosen(kan: Kan) -> None:
    saved()
    document = json.loads(kan("export", "last", "-o", "law.rs", "--with-test", "--json").out)
    assert (document["format"], document["with_test"], document["output"]) == ("rust", True, "law.rs")
    assert document["source"] + "\n" == Path("law.rs").read_text()
    assert "fn main()" in document["source"]


@pytest.mark.skipif(shutil.which("cc") is None, reason="cc is not installed")
def test_a_file_with_its_test_compiles_and_passes(kan: Kan) -> None:
    saved()
    assert kan("export", "last", "--with-test", "-o", "law.c").code == 0
    subprocess.run(["cc", "-Wall", "-Werror", "law.c", "-lm", "-o", "law"], check=True)
    assert subprocess.run(["./law"], capture_output=True, text=True, check=True).stdout.startswith("5 of 5")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-f", "fortan"), "fortran"),
        (("-f", "latex", "--with-test"), "not a program"),
        (("--with-test",), "not a program"),
    ],
)
def test_what_cannot_be_written_is_a_usage_error(kan: Kan, arguments: tuple[str, ...], words: str) -> None:
    saved()
    done = kan("export", "last", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_splines_that_are_left_are_an_error_and_no_file_is_written(kan: Kan) -> None:
    saved(formula="2*spline_0_1_0(m)", splines_left=1)
    done = kan("export", "last", "-o", "law.c")
    assert (done.code, done.out) == (2, "")
    assert "1 edge is still a spline" in done.err
    assert "kan symbolify" in done.err
    assert not Path("law.c").exists()
