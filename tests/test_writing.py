"""Files that are written whole, and what is left of those that were not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kancli.writing import HIDDEN, STALE, replacing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")

KILLED = """
import os, signal, sys
from pathlib import Path
from kancli.writing import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
WRITING = """
import sys
from pathlib import Path
from kancli.writing import replacing
with replacing(Path(sys.argv[1])) as file:
    print("ready", flush=True)
    sys.stdin.read()
"""


def write(path: Path, content: bytes = b"new") -> None:
    with replacing(path) as file:
        file.write(content)


def hidden(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.startswith("."))


def age(path: Path) -> None:
    """Make a file as old as one that nobody is writing."""
    then = time.time() - 2 * STALE
    os.utime(path, (then, then))


def test_what_a_killed_process_has_left_goes_when_the_same_file_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = hidden(tmp_path)
    write(path)
    assert hidden(tmp_path) == [left]  # too young to be sure
    age(left)
    write(tmp_path / "other.c")
    assert hidden(tmp_path) == [left]  # no business of this file
    write(path)
    assert hidden(tmp_path) == []
    assert path.read_bytes() == b"new"


def test_what_another_process_is_writing_stays_however_long_that_takes(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    other = subprocess.Popen(
        [sys.executable, "-c", WRITING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        (theirs,) = hidden(tmp_path)
        age(theirs)
        write(path)
        assert hidden(tmp_path) == [theirs]
        other.stdin.close()
        assert other.wait() == 0
    assert path.read_bytes() == b""


def test_only_files_that_are_leftovers_by_name_and_kind_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    kept = [
        tmp_path / f".law.c.abcdefgh{HIDDEN}.bak",
        tmp_path / ".law.c.abcdefgh.tmp",
        tmp_path / f".law.c.abc{HIDDEN}",
        tmp_path / f".law_c.abcdefgh{HIDDEN}",
    ]
    for other in kept:
        other.write_bytes(b"mine")
        age(other)
    pipe, link = tmp_path / f".law.c.abcdefgh{HIDDEN}", tmp_path / f".law.c.12345678{HIDDEN}"
    os.mkfifo(pipe)
    link.symlink_to(kept[0])
    age(pipe)
    write(path)
    assert hidden(tmp_path) == sorted([*kept, pipe, link])


def test_a_failure_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    write(path, b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"half" * (1 // 0))
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("law.c", b"old")]


def test_a_drive_without_modes_takes_the_file_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    write(tmp_path / "law.c")
    assert (tmp_path / "law.c").read_bytes() == b"new"
