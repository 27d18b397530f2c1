"""Commands that are started without a standard input, as a daemon starts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import bash

pytestmark = pytest.mark.skipif(not Path("/bin/sh").exists(), reason="needs a shell")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("kan fit -", 3),
        ("kan check -", 3),
        ("kan train - --width 1,1", 3),
        ("kan symbolify -", 5),
        ("kan show", 5),
    ],
)
def test_a_closed_standard_input_is_an_empty_one(tmp_path: Path, command: str, code: int) -> None:
    done = bash(tmp_path, f"{command} <&-")
    assert (done.returncode, done.stdout) == (code, "")
    assert "internal error" not in done.stderr


def test_a_command_with_a_file_does_not_need_it(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,4\n3,6\n4,8\n")
    done = bash(tmp_path, "kan check data.csv <&-")
    assert done.returncode == 0, done.stderr
