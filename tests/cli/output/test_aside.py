"""Standard error that cannot be written to: results are printed and kept, and the exit code is the command's."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from kit import Kan
from processes import ENVIRONMENT, KAN

from kancli.checkpoint import versions
from kancli.cli.output.aside import ASIDE
from kancli.cli.output.progress import watching
from kancli.cli.output.streams import Streams
from kancli.stages.progress import Progress

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")


def with_standard_error(folder: Path, target: str, *argv: str) -> tuple[int, list[str]]:
    """Exit code and lines of a process of its own; `target` is what a shell's `2>` leads to."""
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" 2>{target}', "bash", *KAN, *argv], cwd=folder, env=ENVIRONMENT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    rows = "".join(f"{a / 4},{(a / 4) ** 1.5!r}\n" for a in range(1, 31))
    (tmp_path / "data.csv").write_text("a,T\n" + rows)
    return tmp_path


@FULL
def test_a_search_whose_remarks_are_lost_prints_and_keeps_its_result(workplace: Path) -> None:
    code, out = with_standard_error(workplace, "/dev/full", "fit", "data.csv", "--like", "A*a**B", "-v")
    assert code == 0
    assert out[0].startswith("T = ")
    kept = out[-1].removeprefix("# checkpoint: ")
    assert (workplace / kept).is_file()


@FULL
def test_a_network_whose_remarks_are_lost_is_kept(workplace: Path) -> None:
    argv = ("train", "data.csv", "--width", "1,1", "--restarts", "1", "--steps", "3", "--run", "run")
    code, out = with_standard_error(workplace, "/dev/full", *argv)
    (version,) = versions(workplace / "run")
    assert (code, out) == (0, [str(version.path.relative_to(workplace))])


@FULL
@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (5, ("show", "nothing")),
        (2, ("shwo",)),
        (3, ("check", "nowhere.csv")),
        (4, ("run", "nowhere.yaml", "--debug")),
        (0, ("runs",)),
        (0, ("-h",)),
    ],
)
def test_an_error_that_cannot_be_told_is_still_that_error(
    tmp_path: Path, code: int, argv: tuple[str, ...]
) -> None:
    for target in ("/dev/full", "&-"):
        assert with_standard_error(tmp_path, target, *argv)[0] == code


class Failing(io.StringIO):
    """A terminal whose other end has gone."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        raise self.error

    def flush(self) -> None:
        raise self.error


ERRORS = [
    OSError(28, "No space left on device"),
    BrokenPipeError(),
    ValueError("I/O operation on closed file"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_bar_that_cannot_be_drawn_does_not_end_the_stage(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Failing(error))
    with watching(Streams()) as report:
        for step in range(3):
            report(Progress("train", step, 3, 1e-4, 0.5))
        Streams().remark("said between")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_is_said_with_debug_may_fail_as_well(
    kan: Kan, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def run(argv: list[str], streams: Streams) -> None:
        streams.debug = True
        raise RuntimeError

    monkeypatch.setattr("kancli.cli.frame.entry._run", run)
    monkeypatch.setattr(sys, "stderr", Failing(error))
    assert kan("runs").code == 1


def test_closed_in_the_process_it_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    assert not ASIDE.isatty()
    Streams().error("lost")
