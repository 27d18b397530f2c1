"""A process that ends, or a disk that is full, at any moment of a save: older versions are whole, none is half one.

Each trial forks, so that the process can end for good where the n-th call to the system would have been made.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kancli import writing
from kancli.checkpoint import Checkpoint, load, metrics_log, read_run_info, save, versions
from kancli.errors import CheckpointError
from kancli.writing import replacing

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

CALLS = ("open", "write", "fsync", "link", "rename", "replace", "unlink", "chmod", "close", "mkdir")
"""What a save asks of the system; `Path` and `tempfile` call these too."""
DIED = 77
VERSION = Checkpoint("train", {"a": np.arange(500.0)}, {"inputs": ["x"], "target": "y", "r2": 0.5})


@pytest.fixture(autouse=True)
def leftovers_are_removed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever writes next, or every trial would have one more of them to look at."""
    monkeypatch.setattr(writing, "STALE", -1.0)


def in_a_process(work: Callable[[], None], before: Callable[[], None]) -> int:
    """The exit code of `work` in a process of its own, after `before`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            before()
            work()
            code = 0
        except (CheckpointError, OSError):
            code = 5
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at(number: int) -> Callable[[], None]:
    """End the process where it would make the n-th of these calls."""

    def prepare() -> None:
        made = 0

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def instead(*args: Any, **more: Any) -> Any:
                nonlocal made
                made += 1
                if made == number:
                    os._exit(DIED)
                return call(*args, **more)

            return instead

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))

    return prepare


def is_whole(run: Path, first: bytes) -> None:
    """The first version is untouched, every other is readable, and the books can be read."""
    listed = versions(run)
    assert [v.damage for v in listed] == [None] * len(listed)
    assert listed[0].path.read_bytes() == first
    for version in listed:
        load(version.path)
    assert all("number" in line for line in metrics_log(run))
    assert read_run_info(run).get("versions", ["?"])[0] in ("?", listed[0].path.name)


def test_a_save_that_ends_at_any_call_loses_nothing(tmp_path: Path) -> None:
    kept = save(VERSION, tmp_path, None)
    assert kept.path is not None
    first = kept.path.read_bytes()
    number, code = 0, DIED
    while code == DIED:
        number += 1
        code = in_a_process(lambda: _save(tmp_path), die_at(number))
        is_whole(tmp_path, first)
        before = len(versions(tmp_path))
        save(VERSION, tmp_path, None)
        assert len(versions(tmp_path)) == before + 1
        is_whole(tmp_path, first)
    assert code == 0
    assert number > 10  # or the calls were not counted
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")]


def _save(run: Path) -> None:
    save(VERSION, run, None)


def test_a_file_that_is_replaced_is_the_old_one_or_the_new_one_at_any_call(tmp_path: Path) -> None:
    path = tmp_path / "law.c"
    old, new = b"old", b"new" * 1000

    def write() -> None:
        with replacing(path) as file:
            file.write(new)

    number, code = 0, DIED
    while code == DIED:
        path.write_bytes(old)
        number += 1
        code = in_a_process(write, die_at(number))
        assert path.read_bytes() in (old, new)
    assert code == 0
    assert number > 4
    assert path.read_bytes() == new


@pytest.mark.parametrize("room", [0, 1, 100, 1000, 4000, 4300])
def test_a_disk_without_room_for_the_version_loses_nothing(tmp_path: Path, room: int) -> None:
    resource = pytest.importorskip("resource")
    kept = save(VERSION, tmp_path, None)
    assert kept.path is not None
    first = kept.path.read_bytes()
    assert len(first) > room

    def bound() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    # A file that is longer already cannot grow, so the books of the first version stay as they are.
    (tmp_path / "metrics.jsonl").unlink()
    assert in_a_process(lambda: _save(tmp_path), bound) == 5
    is_whole(tmp_path, first)
    assert len(versions(tmp_path)) == 1
