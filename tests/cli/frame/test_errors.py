"""Every failure ends in its exit code and one clear line."""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from pathlib import Path

import pytest
from fake_stages import FakeStages
from kit import Kan

from kancli import errors

TRAIN = ("train", "data.csv", "--width", "2,5,1")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError, 2),
        (errors.DataError, 3),
        (errors.RecipeError, 4),
        (errors.CheckpointError, 5),
        (errors.FitError, 6),
        (errors.QualityError, 7),
        (errors.MissingDependencyError, 8),
    ],
)
def test_an_error_is_one_line_a_hint_and_its_exit_code(
    kan: Kan, table: Path, stages: FakeStages, error: type[errors.KanError], code: int
) -> None:
    stages.failures["train"] = error("it went wrong", "do better")
    done = kan(*TRAIN, "-q")
    assert (done.code, done.out) == (code, "")
    assert done.err == "kan: error: it went wrong\nhint: do better\n"


def test_an_unexpected_error_shows_no_traceback_unless_asked(
    kan: Kan, table: Path, stages: FakeStages
) -> None:
    stages.failures["train"] = RuntimeError("two\nlines")
    done = kan(*TRAIN, "-q")
    assert done.code == 1
    assert (
        done.err == "kan: error: internal error: RuntimeError: two lines\nhint: --debug shows the traceback\n"
    )
    assert "Traceback" in kan(*TRAIN, "-q", "--debug").err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: 8 GB"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lack_of_memory_is_told_as_such_whoever_notices_it(
    kan: Kan, table: Path, stages: FakeStages, error: Exception
) -> None:
    stages.failures["train"] = error
    done = kan(*TRAIN, "-q")
    assert done.code == 1
    assert done.err.startswith("kan: error: not enough memory\nhint: ")


def test_a_signal_that_a_package_turns_into_another_error_is_still_one(
    kan: Kan, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # numpy does so while its C part is being imported.
    def run(argv: list[str], streams: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except BaseException:
            raise ImportError("numpy._core.multiarray failed to import") from None

    monkeypatch.setattr("kancli.cli.frame.entry._run", run)
    done = kan(*TRAIN)
    assert (done.code, done.out, done.err) == (143, "", "kan: error: terminated\n")


def test_an_interrupt_exits_130(kan: Kan, table: Path, stages: FakeStages) -> None:
    stages.failures["train"] = KeyboardInterrupt()
    done = kan(*TRAIN, "-q")
    assert (done.code, done.err) == (130, "kan: error: interrupted\n")


def test_an_interrupted_recipe_says_what_it_keeps(kan: Kan, table: Path, stages: FakeStages) -> None:
    Path("r.yaml").write_text("data: {path: data.csv}\ntrain: {width: [2, 1]}\n")

    stages.failures["prune"] = KeyboardInterrupt()
    done = kan("run", "r.yaml")
    assert done.code == 130
    assert "kept: runs/data-001/0001-train.kan\n" in done.err


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (("trian",), 2, "no command 'trian'; did you mean train?"),
        (("train", "--gird", "5"), 2, "no such option: --gird"),
        (("train",), 2, "DATA is missing; --width is missing"),
        (("train", "data.csv"), 2, "--width is missing"),
        ((*TRAIN, "--grid", "0"), 2, "--grid 0: must be at least 1, not 0"),
        ((*TRAIN, "--grid", "x"), 2, "--grid x: must be a whole number, not 'x'"),
        ((*TRAIN, "--val", "1"), 2, "--val 1: must be at most 0.9, not 1"),
        ((*TRAIN, "--optimizer", "ml"), 2, "must be one of lm, lbfgs, adam"),
        ((*TRAIN, "--lamb", "nan"), 2, "--lamb nan: must be a number"),
        (("train", "data.csv", "--width", "2,x,1"), 2, "--width 2,x,1: 'x' is not a layer"),
        (("train", "nowhere.csv", "--width", "1,1"), 3, "nowhere.csv"),
        ((*TRAIN, "--target", "z"), 3, "z"),
        (("prune",), 5, "no run"),
        (("prune", "nowhere"), 5, "nowhere: no such run or checkpoint"),
        (("prune", "broken.kan"), 5, "not a checkpoint"),
        (("run", "nowhere.yaml"), 4, "nowhere.yaml: No such file"),
        (("run", "bad.yaml"), 4, "bad.yaml:1:1: trian: unknown key; did you mean train?"),
        (("symbolify", "--fix", "sin"), 2, "--fix sin: must have the form EDGE=FUNCTION"),
    ],
)
def test_a_mistake_is_named_on_one_line(
    kan: Kan, table: Path, stages: FakeStages, argv: tuple[str, ...], code: int, message: str
) -> None:
    Path("broken.kan").write_bytes(b"not at all")
    Path("bad.yaml").write_text("trian: {width: 1}\ndata: {path: data.csv}\ntrain: {width: [2, 1]}\n")
    done = kan(*argv)
    assert (done.code, done.out) == (code, "")
    first, *rest = done.err.splitlines()
    assert first.startswith("kan: error: ")
    assert message in first
    assert len(rest) <= 1
    assert not list(Path().glob("runs/*"))


def test_several_mistakes_in_a_recipe_are_listed(kan: Kan, folder: Path) -> None:
    Path("bad.yaml").write_text("trian: {}\ndata: {pth: data.csv}\n")
    lines = kan("run", "bad.yaml").err.splitlines()
    assert lines[0] == "kan: error: 4 mistakes"
    assert [line.split(": ")[1] for line in lines[1:]] == ["train.width", "trian", "data.path", "data.pth"]


def test_a_directory_without_room_is_told_before_the_stage_and_not_after_it(
    kan: Kan, table: Path, stages: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kan(*TRAIN).code == 0

    def refuse(*_: object, **__: object) -> object:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    done = kan("prune")
    assert (done.code, done.out) == (2, "")
    assert done.err == "kan: error: runs/data-001: no version can be kept there: read-only file system\n"
    assert [name for name, *_ in stages.calls] == ["train"]


def test_a_table_that_changed_is_not_silently_used(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN)
    table.write_text(table.read_text().replace("\n1", "\n2"))
    done = kan("prune")
    assert done.code == 3
    assert "has changed since runs/data-001/0001-train.kan" in done.err
    assert "--data" in done.err
    assert kan("prune", "--data", "data.csv").code == 0


def test_a_table_that_moved_is_found_with_data(kan: Kan, table: Path, stages: FakeStages) -> None:
    kan(*TRAIN)
    table.rename("elsewhere.csv")
    assert kan("prune").code == 3
    done = kan("prune", "--data", "elsewhere.csv")
    assert done.code == 0
    assert "other rows" not in done.err
    assert kan("refine").code == 0


def test_a_program_gets_remarks_and_errors_as_objects(kan: Kan, tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text("x,k,y\n1,7,2\n2,7,4\n3,7,6\n4,7,8\n5,7,10\n")
    done = kan("fit", tmp_path / "line.csv", "--run", tmp_path / "run", "--progress", "json", "--jobs", "1")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert done.code == 0
    assert {event["event"] for event in events} <= {"progress", "remark"}
    assert any("always 7" in event.get("text", "") for event in events)
    refused = kan("--progress", "json", "fit", tmp_path / "nothing.csv")
    (event,) = (json.loads(line) for line in refused.err.splitlines())
    assert (refused.code, event["event"], event["kan"]) == (3, "error", 1)
    assert "nothing.csv" in event["message"]
    assert kan("fit", "line.csv", "--progress", "xml").code == 2
