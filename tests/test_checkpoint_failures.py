"""Where a run cannot be written, or not all of it: what is reported, when, and what is there all the same."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kancli.checkpoint import (
    Checkpoint,
    atomic,
    load,
    metrics_log,
    new_run,
    read_header,
    read_run_info,
    require_place,
    save,
    versions,
)
from kancli.checkpoint.value import canonical
from kancli.errors import CheckpointError, UsageError
from kancli.writing import STALE


def checkpoint(stage: str = "train") -> Checkpoint:
    return Checkpoint(stage, {"w": np.arange(3.0)}, {"metrics": {"r2": 0.5}})


def refuse(*_: object, **__: object) -> Any:
    raise PermissionError(1, "Operation not permitted")


def test_the_claim_of_a_crashed_process_goes_and_its_number_is_used(tmp_path: Path) -> None:
    claim = tmp_path / ".0001.kan.tmp"
    claim.write_bytes(b"half a fi")
    then = time.time() - 2 * STALE
    os.utime(claim, (then, then))
    assert save(checkpoint(), tmp_path, None).number == 1
    assert not claim.exists()


@pytest.mark.parametrize("name", ["chmod", "replace"])
def test_a_version_that_is_written_is_saved_even_where_its_books_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(os, name, refuse)
    assert load(save(checkpoint(), tmp_path, None).path or "").stage == "train"


def test_metrics_that_cannot_be_added_do_not_keep_the_version_from_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "append_line", refuse)
    save(checkpoint(), tmp_path, None)
    assert read_run_info(tmp_path)["versions"] == ["0001-train.kan"]
    assert metrics_log(tmp_path) == ()


def test_a_link_that_was_made_although_the_drive_says_that_it_exists_is_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def link(source: Path, path: Path) -> None:
        real(source, path)
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(os, "link", link)
    assert [save(checkpoint(), tmp_path, None).number for _ in range(2)] == [1, 2]
    assert [version.damage for version in versions(tmp_path)] == [None, None]


def test_a_claim_that_cannot_be_removed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "unlink", refuse)
    assert [save(checkpoint(), tmp_path, None).number for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_line_of_metrics_does_not_swallow_the_next_one(tmp_path: Path, cut: int) -> None:
    save(checkpoint(), tmp_path, None)
    path = tmp_path / "metrics.jsonl"
    os.truncate(path, path.stat().st_size - cut)
    save(checkpoint("prune"), tmp_path, None, seconds=1.5)
    assert metrics_log(tmp_path)[-1]["seconds"] == 1.5
    assert metrics_log(tmp_path)[-1]["stage"] == "prune"
    assert len(metrics_log(tmp_path)) == (2 if cut == 1 else 1)  # without its newline it is still whole


def test_a_write_that_takes_only_a_part_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, bytes(content)[:7]))
    saved = save(checkpoint(), tmp_path, None, seconds=2.5)
    assert load(saved.path or "").sha256 == saved.sha256
    assert metrics_log(tmp_path)[0]["seconds"] == 2.5


def test_books_that_are_no_text_or_no_entries_are_passed_over(tmp_path: Path) -> None:
    save(checkpoint(), tmp_path, None)
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"number": "\xff"}\n5\n[]\n' + b"[" * 100_000 + b"\n")
    assert [line["number"] for line in metrics_log(tmp_path)] == [1]
    (tmp_path / "run.json").write_text("[" * 100_000)
    assert read_run_info(tmp_path) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"stage": None},
        {"number": "1"},
        {"metadata": 7},
        {"parent": 1},
        {"parent": {"a": 1}},
        {"tensors_sha256": ...},
    ],
    ids=str,
)
def test_a_document_that_is_intact_but_none_of_kancli_is_damage(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    saved = save(checkpoint(), tmp_path, None).path
    assert saved is not None
    content = saved.read_bytes()
    length = int.from_bytes(content[:8], "little")
    outer = json.loads(content[8 : 8 + length])
    document = json.loads(outer["__metadata__"]["kancli"])
    del document["sha256"]
    document.update(change)
    document = {key: value for key, value in document.items() if value is not ...}
    document["sha256"] = hashlib.sha256(canonical(document).encode()).hexdigest()
    outer["__metadata__"]["kancli"] = canonical(document)
    header = json.dumps(outer).encode()
    saved.write_bytes(len(header).to_bytes(8, "little") + header + content[8 + length :])
    with pytest.raises(CheckpointError, match="damaged checkpoint"):
        read_header(saved)
    assert versions(tmp_path)[0].damage


def test_a_header_nested_without_end_is_damage(tmp_path: Path) -> None:
    header = b'{"a":' * 100_000
    path = tmp_path / "0001-train.kan"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match="damaged checkpoint"):
        read_header(path)


def test_a_place_where_nothing_can_be_kept_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match=f"^{place}: no version can be kept there: not a directory$"):
            require_place(tmp_path, place)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match=r"^runs: no version can be kept there: no such file or directory$"):
        require_place(Path("runs"))
    require_place(tmp_path / "runs" / "new")  # which needs no current directory
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_without_room_for_a_version_is_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    require_place(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (20, before[1])
    )  # Python then sees an error as from a full disk
    try:
        with pytest.raises(UsageError, match=r"no version can be kept there: file too large$"):
            require_place(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_run_that_cannot_be_described_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(UsageError) as caught:
        new_run(tmp_path, "data.csv", directory=tmp_path / "law")
    assert (
        caught.value.message == f"{tmp_path / 'law' / 'run.json'}: cannot be written: operation not permitted"
    )
