"""Results longer than a pipe holds."""

from __future__ import annotations

from pathlib import Path

from processes import bash


def test_a_reader_that_leaves_in_the_middle_of_a_long_table_ends_the_command(tmp_path: Path) -> None:
    done = bash(tmp_path, "kan example kepler --rows 100000 | head -1")
    assert (done.stdout, done.returncode, done.stderr) == ("a,T\n", 141, "")


def test_a_law_goes_through_a_pipe_into_a_fit_and_its_predictions(tmp_path: Path) -> None:
    done = bash(
        tmp_path,
        "kan example kepler --rows 60 > data.csv && kan example kepler --rows 60 "
        "| kan -q train - --width 1,1 --restarts 1 | kan -q symbolify --no-compositions "
        "| kan -q eval data.csv --require-r2 0.999",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("metric\tvalue\nr2\t")
