"""Files of a run directory that are no files, and a pipe without an end in place of a path."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kancli.checkpoint import metrics_log, read_header, read_run_info, resolve, versions
from kancli.errors import CheckpointError

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def test_a_named_pipe_in_place_of_a_checkpoint_is_damage_and_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "0001-train.kan"
    os.mkfifo(path)
    with pytest.raises(CheckpointError) as caught:
        read_header(path)
    assert caught.value.message == f"{path}: cannot be read: is a named pipe, not a file"
    assert [version.damage for version in versions(tmp_path)] == [caught.value.message]


def test_named_pipes_in_place_of_the_books_of_a_run_are_as_good_as_none(tmp_path: Path) -> None:
    for name in ("run.json", "metrics.jsonl"):
        os.mkfifo(tmp_path / name)
    assert (read_run_info(tmp_path), metrics_log(tmp_path)) == ({}, ())


def test_standard_input_without_an_end_names_no_checkpoint() -> None:
    class Endless(io.TextIOBase):
        count = 0

        def read(self, size: int | None = -1) -> str:
            assert size is not None
            assert size > 0, "reads without a bound"
            self.count += size
            return "y" * size

    stream = Endless()
    with pytest.raises(CheckpointError, match="is larger than 64 MiB"):
        resolve("-", stream=stream)
    assert stream.count < 1 << 27
