"""Runs: numbering under concurrency and crashes, what lies beside the checkpoints, and how to name one."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kancli.checkpoint import (
    Checkpoint,
    atomic,
    load,
    metrics_log,
    new_run,
    read_run_info,
    resolve,
    runs,
    save,
    versions,
)
from kancli.errors import CheckpointError, UsageError


def checkpoint(stage: str = "train", r2: float = 0.5) -> Checkpoint:
    return Checkpoint(stage, {"w": np.arange(3.0)}, {"metrics": {"r2": r2}})


def names(run: Path) -> list[str]:
    return sorted(path.name for path in run.iterdir())


# New runs.


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("data.csv", "data"),
        ("some/where/data.csv.gz", "data"),
        ("-", "stdin"),
        ("my data (2).tsv", "my-data-2"),
        (".csv", "csv"),
        ("../..", "data"),
        ("messung_ä.csv", "messung_ä"),
    ],
)
def test_a_run_is_named_after_its_data(tmp_path: Path, source: str, stem: str) -> None:
    run = new_run(tmp_path / "runs", source, command=["kan", "train", source])
    assert run == tmp_path / "runs" / f"{stem}-001"
    info = read_run_info(run)
    assert (info["data"], info["command"], info["versions"]) == (source, ["kan", "train", source], [])
    assert info["created"].endswith("+00:00")


def test_runs_are_counted_on(tmp_path: Path) -> None:
    assert [new_run(tmp_path, "a.csv").name for _ in range(3)] == ["a-001", "a-002", "a-003"]
    (tmp_path / "a-0999").mkdir()
    (tmp_path / "a-b-5000").mkdir()
    assert new_run(tmp_path, "a.csv").name == "a-1000"
    assert new_run(tmp_path, "b.csv").name == "b-001"


def test_an_explicit_directory_is_made_or_continued(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "run"
    assert new_run(tmp_path, "a.csv", directory=directory) == directory
    save(checkpoint(), directory, None)
    created = read_run_info(directory)["created"]
    new_run(tmp_path, "b.csv", directory=directory)
    info = read_run_info(directory)
    assert (info["created"], info["data"], info["versions"]) == (created, "b.csv", ["0001-train.kan"])
    assert save(checkpoint(), directory, None).number == 2


def test_a_file_in_the_way_of_a_run_is_bad_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="exists and is not a directory"):
            new_run(tmp_path, "a.csv", directory=directory)
    with pytest.raises(UsageError, match="no run can be made here"):
        new_run(tmp_path / "file", "a.csv")


# Saving.


def test_versions_are_numbered_and_never_overwritten(tmp_path: Path) -> None:
    run = new_run(tmp_path, "a.csv")
    first = save(checkpoint(), run, None)
    content = first.path.read_bytes()
    second = save(checkpoint("prune"), run, first)
    third = save(checkpoint("prune", 0.25), run, first)
    assert [path.name for path in (first.path, second.path, third.path)] == [
        "0001-train.kan",
        "0002-prune.kan",
        "0003-prune.kan",
    ]
    assert first.path.read_bytes() == content
    assert names(run) == ["0001-train.kan", "0002-prune.kan", "0003-prune.kan", "metrics.jsonl", "run.json"]
    assert read_run_info(run)["versions"] == names(run)[:3]


def test_a_line_of_metrics_is_added_for_every_version(tmp_path: Path) -> None:
    first = save(checkpoint(), tmp_path, None, seconds=1.25)
    save(checkpoint("prune", 0.75), tmp_path, first)
    lines = metrics_log(tmp_path)
    assert [(m["number"], m["stage"], m["parent"], m["metrics"], m["seconds"]) for m in lines] == [
        (1, "train", None, {"r2": 0.5}, 1.25),
        (2, "prune", 1, {"r2": 0.75}, None),
    ]


def test_a_metrics_line_cut_short_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    save(checkpoint(), tmp_path, None)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"number": 2, "sta')
    assert [line["number"] for line in metrics_log(tmp_path)] == [1]


@pytest.mark.parametrize("stage", ["", "a/b", "../x", "A", "1", "a.b"])
def test_a_stage_that_is_no_name_is_refused(tmp_path: Path, stage: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        save(checkpoint(stage), tmp_path, None)


def test_an_unsaved_parent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="parent"):
        save(checkpoint(), tmp_path, checkpoint())


SAVE_MANY = """
import sys
from pathlib import Path
import numpy as np
from kancli.checkpoint import Checkpoint, save
run, stage, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.read()
for i in range(count):
    save(Checkpoint(stage, {"w": np.full(2000, i)}, {"i": i}), run, None)
"""


def start(run: Path, stage: str, count: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE_MANY, str(run), stage, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"ready\n"
    return process


def test_processes_saving_at_once_get_different_numbers(tmp_path: Path) -> None:
    stages = ["train", "prune", "refine", "train"]
    processes = [start(tmp_path, stage, 15) for stage in stages]
    for process in processes:
        process.stdin.close()
    for process in processes:
        assert process.wait(60) == 0
        process.stdout.close()
    found = versions(tmp_path)
    assert [version.number for version in found] == list(range(1, 61))
    assert [version.damage for version in found] == [None] * 60
    assert sorted(version.stage for version in found) == sorted(stages * 15)
    for version in found:
        assert load(version.path).number == version.number
    assert sorted(line["number"] for line in metrics_log(tmp_path)) == list(range(1, 61))
    assert [name for name in names(tmp_path) if name.startswith(".")] == []
    assert read_run_info(tmp_path)["versions"] == [version.path.name for version in found]


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_process_leaves_only_whole_versions(tmp_path: Path) -> None:
    for delay in (0.02, 0.05, 0.11):
        process = start(tmp_path, "train", 10_000)
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        assert all(load(version.path).number == version.number for version in versions(tmp_path))
    before = versions(tmp_path)[-1].number
    assert save(checkpoint(), tmp_path, None).number > before


def test_a_number_claimed_by_a_crashed_process_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".0001.kan.tmp").write_bytes(b"half a fi")
    assert save(checkpoint(), tmp_path, None).number == 2
    assert resolve(str(tmp_path)).name == "0002-train.kan"


def test_a_listing_that_is_out_of_date_does_not_give_a_number_twice(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(atomic, "_highest", lambda *_: 0)
    for stage, number in (("train", 1), ("prune", 2), ("refine", 3)):
        assert save(checkpoint(stage), tmp_path, None).number == number


def test_without_hard_links_nothing_is_overwritten_either(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links on this file system")

    monkeypatch.setattr(os, "link", refuse)
    for number in (1, 2):
        assert save(checkpoint(), tmp_path, None).number == number
    assert [version.number for version in versions(tmp_path)] == [1, 2]
    assert [name for name in names(tmp_path) if name.startswith(".")] == []


def test_a_directory_that_cannot_be_written_is_a_checkpoint_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        save(checkpoint(), tmp_path / "file", None)


# Listing.


def test_versions_are_listed_with_lineage_and_damage(tmp_path: Path) -> None:
    first = save(checkpoint(), tmp_path, None)
    second = save(checkpoint("prune", 0.75), tmp_path, first)
    save(checkpoint("refine"), tmp_path, second)
    second.path.write_bytes(second.path.read_bytes()[:50])
    one, two, three = versions(tmp_path)
    assert (one.stage, one.parent, one.metadata["metrics"]) == ("train", None, {"r2": 0.5})
    assert (two.stage, two.number, two.metadata) == ("prune", 2, {})
    assert two.damage == f"{second.path}: damaged checkpoint: the file is cut short"
    assert (three.parent.number, three.parent.sha256, three.damage) == (2, second.sha256, None)


def test_runs_are_listed_with_the_newest_last(tmp_path: Path) -> None:
    b, a, empty = (new_run(tmp_path, name) for name in ("b.csv", "a.csv", "empty.csv"))
    (tmp_path / "no run").mkdir()
    for when, run in enumerate((a, a, b), start=1):
        saved = save(checkpoint(), run, None)
        os.utime(saved.path, (when, when))
    listed = runs(tmp_path)
    assert [(run.path, run.count) for run in listed] == [(empty, 0), (a, 2), (b, 1)]
    assert listed[1].newest.number == 2
    assert listed[1].info["data"] == "a.csv"
    assert runs(tmp_path / "none") == ()


# Naming a checkpoint.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs: `old-001` with train, prune, prune; `new-001` with train, and the newest file."""
    root = tmp_path / "runs"
    old, new = new_run(root, "old.csv"), new_run(root, "new.csv")
    for when, (run, stage) in enumerate([(old, "train"), (old, "prune"), (old, "prune"), (new, "train")]):
        os.utime(save(checkpoint(stage), run, None).path, (when, when))
    return root


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{root}/old-001", "old-001/0003-prune.kan"),
        ("{root}/old-001/", "old-001/0003-prune.kan"),
        ("{root}/old-001@prune", "old-001/0003-prune.kan"),
        ("{root}/old-001@train", "old-001/0001-train.kan"),
        ("{root}/old-001@2", "old-001/0002-prune.kan"),
        ("{root}/old-001@0002", "old-001/0002-prune.kan"),
        ("{root}/old-001/0002-prune.kan", "old-001/0002-prune.kan"),
        ("old-001", "old-001/0003-prune.kan"),
        ("old-001@1", "old-001/0001-train.kan"),
        ("last", "new-001/0001-train.kan"),
        ("last@train", "new-001/0001-train.kan"),
        (None, "new-001/0001-train.kan"),
    ],
)
def test_every_way_to_name_a_checkpoint(root: Path, text: str | None, expected: str) -> None:
    text = None if text is None else text.format(root=root)
    assert resolve(text, root=root) == root / expected


@pytest.mark.parametrize(
    "written",
    [
        "{path}",
        "{path}\n",
        "\n{path}\n\n",
        "y = x**2\nlayer\tedge\n# checkpoint: {path}\n",
        '{{"kan": 1, "checkpoint": "{path}"}}',
        '{{\n  "kan": 1,\n  "checkpoint": "{path}"\n}}\n',
        'some text\n{{"checkpoint": "{path}"}}\n',
    ],
)
@pytest.mark.parametrize("binary", [False, True])
def test_a_checkpoint_is_read_from_a_stream(root: Path, written: str, binary: bool) -> None:
    path = root / "old-001" / "0002-prune.kan"
    text = written.format(path=path)
    stream = io.BytesIO(text.encode()) if binary else io.StringIO(text)
    assert resolve("-", root=root, stream=stream) == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "standard input names no checkpoint: it is empty"),
        ("\n  \n", "standard input names no checkpoint: it is empty"),
        ("-", "standard input names no checkpoint"),
        ("# checkpoint: ", "standard input names no checkpoint"),
        ('{"formula": "x"}', 'standard input: the JSON object has no "checkpoint"'),
        ('{"checkpoint": null}', 'standard input: the JSON object has no "checkpoint"'),
        ('{"checkpoint": "a', "standard input: JSON that cannot be read"),
        ("nowhere/0001-train.kan", "nowhere/0001-train.kan: no such checkpoint"),
    ],
)
def test_a_stream_without_a_checkpoint_says_so(root: Path, text: str, message: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        resolve("-", root=root, stream=io.StringIO(text))
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("old-001@7", "{root}/old-001: no version 7", "it has 1 train, 2 prune, 3 prune"),
        ("old-001@refine", "{root}/old-001: no version of stage refine", "it has 1 train, 2 prune, 3 prune"),
        ("old-002", "old-002: no such run or checkpoint", "did you mean {root}/old-001?"),
        ("xyz", "xyz: no such run or checkpoint", "runs in {root}: new-001, old-001; kan runs lists them"),
        ("{root}/old-001/0009-fit.kan", "{root}/old-001/0009-fit.kan: no such checkpoint",
         "{root}/old-001 contains 0001-train.kan, 0002-prune.kan, 0003-prune.kan"),
        ("{root}", "{root}: no checkpoint in this directory", "runs in it: new-001, old-001"),
        ("{empty}", "{empty}: no checkpoint in this directory", "kan train DATA makes the first one"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_answered_with_what_does(
    root: Path, text: str, message: str, hint: str
) -> None:
    empty = root.parent / "empty"
    empty.mkdir()
    places = {"root": root, "empty": empty}
    with pytest.raises(CheckpointError) as caught:
        resolve(text.format(**places), root=root)
    assert (caught.value.message, caught.value.hint) == (message.format(**places), hint.format(**places))


def test_last_without_any_run_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        resolve(None, root=tmp_path / "runs")
    assert caught.value.message == f"no run in {tmp_path / 'runs'} yet"
    assert caught.value.hint == "kan train DATA or kan fit DATA makes one"


def test_a_directory_with_an_at_sign_is_found(tmp_path: Path) -> None:
    run = tmp_path / "me@home"
    first = save(checkpoint(), run, None)
    save(checkpoint("prune"), run, first)
    assert resolve(str(run)).name == "0002-prune.kan"
    assert resolve(f"{run}@1") == first.path


def test_run_json_is_readable_json(tmp_path: Path) -> None:
    run = new_run(tmp_path, "daten_ä.csv", command=["kan", "fit"])
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["data"] == "daten_ä.csv"
