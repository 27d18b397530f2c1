"""A full disk, a file in the place of a folder, a folder that is gone: told at once, with the right name and code."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import bash

TABLE = "x,y\n" + "".join(f"{i},{2 * i + i * i % 7}\n" for i in range(30))


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A table, and a file where runs would be kept."""
    (tmp_path / "data.csv").write_text(TABLE)
    (tmp_path / "runs").write_text("no folder")
    return tmp_path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("command", ["kan example kepler", "kan functions", "kan check data.csv --json"])
def test_a_full_disk_behind_standard_output_is_named(workplace: Path, command: str) -> None:
    done = bash(workplace, f"{command} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "kan: error: standard output: No space left on device"


@pytest.mark.parametrize("command", ["kan fit data.csv", "kan train data.csv --width 1,1"])
def test_a_place_where_no_run_can_be_kept_is_told_before_anything_is_fitted(
    workplace: Path, command: str
) -> None:
    done = bash(workplace, command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "kan: error: runs: no version can be kept there: not a directory",
        "hint: --run names another directory",
    ]


def test_a_current_directory_that_is_gone_is_told_before_anything_is_fitted(workplace: Path) -> None:
    done = bash(workplace, "mkdir gone; cd gone; rmdir ../gone; kan fit ../data.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "runs: no version can be kept there: no such file or directory" in done.stderr
