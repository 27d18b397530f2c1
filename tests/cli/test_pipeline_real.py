"""Whole processes with the real stages: pipes, repeatability, signals, terminals."""

from __future__ import annotations

import json
import math
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest
from kit import ROOT
from processes import ENVIRONMENT, KAN, bash, kan

from kancli.checkpoint import read_header

TUTORIAL = ROOT / "sample_data" / "tutorial.csv"
FAST = ("--width", "2,2,1", "--restarts", "2", "--steps", "10")


def test_the_pipeline_of_the_interface_ends_in_latex(tmp_path: Path) -> None:
    done = bash(
        tmp_path,
        f"kan -q train {TUTORIAL} --width 2,5,1 | kan -q prune | kan -q refine --grid 20 | kan -q symbolify "
        "| kan -q export -f latex",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert r"\sin" in done.stdout


def test_a_stage_that_fails_fails_the_pipe(tmp_path: Path) -> None:
    done = bash(tmp_path, "kan train nowhere.csv --width 1,1 | kan prune")
    assert done.returncode == 5
    assert done.stdout == ""
    assert "nowhere.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_from_standard_input_serves_later_stages_which_json_leads_to(tmp_path: Path) -> None:
    done = bash(
        tmp_path,
        f"cat {TUTORIAL} | kan -q train - {' '.join(FAST)} --json | kan -q refine --json --grid 10",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["checkpoint"] == "runs/stdin-001/0002-refine.kan"


def test_the_same_run_again_with_other_jobs_gives_the_same_bytes(tmp_path: Path) -> None:
    outputs, tensors = [], []
    for name, jobs in (("a", 1), ("b", 2)):
        done = kan(tmp_path, "-q", "run", ROOT / "recipes" / "quickstart.yaml", "--run", name, "--jobs", jobs)
        outputs.append(done.stdout.replace(f"# checkpoint: {name}/", "# checkpoint: "))
        for path in sorted((tmp_path / name).glob("*.kan")):
            tensors.append((path.name, read_header(path).tensors_sha256))
    assert outputs[0] == outputs[1]
    assert tensors[:4] == tensors[4:]
    assert len(tensors) == 8


def test_writing_into_a_pipe_that_nobody_reads_exits_141(tmp_path: Path) -> None:
    kan(tmp_path, "-q", "train", TUTORIAL, *FAST)
    for argv in (("show",), ("--help",), ("train", "--help"), ("log", "--json")):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [*KAN, *argv], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=ENVIRONMENT, text=True, timeout=60,
        )  # fmt: skip
        os.close(write)
        assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_training_with_its_code(tmp_path: Path, sent: int, code: int, word: str) -> None:
    endless = ("--width", "2,5,1", "--optimizer", "adam", "--steps", "100000000", "--patience", "100000000")
    process = subprocess.Popen(
        [*KAN, "train", "-v", str(TUTORIAL), *endless], cwd=tmp_path, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stderr is not None
    while not process.stderr.readline().startswith("train: "):  # -v shows the options when training begins
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(sent)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert err.splitlines()[-1] == f"kan: error: {word}"
    assert "Traceback" not in err


@pytest.mark.parametrize("delay", [0.2, 0.4, 0.8])
def test_a_signal_while_packages_are_imported_leaves_no_traceback(tmp_path: Path, delay: float) -> None:
    process = subprocess.Popen(
        [*KAN, "train", str(TUTORIAL), "--width", "2,5,1"], cwd=tmp_path, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    time.sleep(delay)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert out == ""
    # Python itself takes a moment before any of this package's code can answer.
    assert (process.returncode, err) in ((143, "kan: error: terminated\n"), (-signal.SIGTERM, ""))


def on_a_terminal(
    folder: Path, *argv: object, term: str = "xterm-256color", no_color: bool = False
) -> tuple[int, str]:
    """Run with standard output and error on a pseudo-terminal; returns exit code and what it shows."""
    leader, follower = pty.openpty()
    environment = {**ENVIRONMENT, "TERM": term, "COLUMNS": "100"}
    environment.pop("NO_COLOR")
    if no_color:
        environment["NO_COLOR"] = "1"
    process = subprocess.Popen(
        [*KAN, *map(str, argv)], cwd=folder, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower,
        env=environment,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        ready, _, _ = select.select([leader], [], [], 60)
        if not ready:
            break
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # the other side has closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    return process.wait(timeout=60), shown.decode()


def test_a_terminal_sees_bars_and_colour(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, "train", TUTORIAL, *FAST)
    assert code == 0
    assert "\x1b[" in shown
    assert "0001-train.kan" in shown


def test_no_color_means_no_colour_on_a_terminal(tmp_path: Path) -> None:
    kan(tmp_path, "-q", "train", TUTORIAL, *FAST)
    for more in ({"no_color": True}, {"term": "dumb"}):
        code, shown = on_a_terminal(tmp_path, "log", **more)  # type: ignore[arg-type]
        assert code == 0
        assert "\x1b[3" not in shown
        assert "\x1b[9" not in shown
    assert "\x1b[3" not in on_a_terminal(tmp_path, "prune", "nowhere", "--no-color")[1]


def test_a_dumb_terminal_gets_plain_lines(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, "train", TUTORIAL, *FAST, term="dumb")
    assert code == 0
    assert "\x1b" not in shown


def test_python_dash_m_is_kan(tmp_path: Path) -> None:
    assert kan(tmp_path, "--version").stdout.startswith("kan ")


def test_a_function_that_is_not_tried_by_default_is_found_where_it_is_named(tmp_path: Path) -> None:
    rows = [f"{x},{2 * math.erf(1.5 * x) + 1!r}" for x in (k / 50 - 1.5 for k in range(151))]
    (tmp_path / "step.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    trained = kan(tmp_path, "-q", "train", "step.csv", "--width", "1,1")
    assert trained.returncode == 0, trained.stderr
    done = kan(tmp_path, "-q", "symbolify", "--lib", "erf", "--json")
    assert json.loads(done.stdout)["formula"] == "2*erf(3*x/2) + 1"
    assert "_erf(3*x/2)" in kan(tmp_path, "-q", "export", "--format", "python").stdout
