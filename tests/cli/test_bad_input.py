"""What users do wrong, against the real readers and stages: one clear line, the right code, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit import Kan

GOOD = "x1,x2,y\n" + "".join(f"{i / 9},{(i * 4) % 7},{i * i / 5}\n" for i in range(30))
WIDTH = ("--width", "2,2,1")


@pytest.mark.parametrize(
    ("text", "argv", "code", "message"),
    [
        (GOOD, ("--width", "3,5,1"), 2, "--width 3,5,1: the data have 2 inputs (x1, x2)"),
        (GOOD, ("--width", "2,5,2"), 2, "--width 2,5,2: the last layer must be one node"),
        (GOOD, (*WIDTH, "--target", "z"), 3, "z"),
        (GOOD, (*WIDTH, "--inputs", "x1,x3"), 3, "x3"),
        (GOOD.replace("\n0.1", "\noops", 1), WIDTH, 3, "data.csv:3:1"),
        (GOOD + "1,nan,2\n", WIDTH, 3, "data.csv:32:2"),
        (GOOD + "1,,2\n", WIDTH, 3, "data.csv:32:2"),
        (GOOD + "1,2\n", WIDTH, 3, "data.csv:32"),
        ("", WIDTH, 3, "data.csv"),
        ("x1,x2,y\n", WIDTH, 3, "data.csv"),
        ("x1,x2,y\n1,2,3\n", WIDTH, 3, "one row"),
        ("x1,x2,y\n1,2,3\n2,3,3\n4,1,3\n", WIDTH, 3, "always 3"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value and value else None,
)
def test_a_table_or_width_that_does_not_fit(
    kan: Kan, folder: Path, text: str, argv: tuple[str, ...], code: int, message: str
) -> None:
    Path("data.csv").write_text(text)
    done = kan("train", "data.csv", *argv)
    assert (done.code, done.out) == (code, ""), done.err
    first, *rest = done.err.splitlines()
    assert first.startswith("kan: error: ")
    assert message in first
    assert len(rest) <= 1
    assert "Traceback" not in done.err
    assert not Path("runs").exists()


@pytest.fixture
def trained(kan: Kan) -> Path:
    """A quickly trained checkpoint."""
    Path("data.csv").write_text(GOOD)
    done = kan("train", "data.csv", *WIDTH, "--restarts", "1", "--steps", "3", "--grid", "2")
    assert done.code == 0, done.err
    return Path(done.out.strip())


@pytest.mark.parametrize("command", ["show", "prune", "refine", "symbolify"])
def test_a_damaged_checkpoint_is_refused(kan: Kan, trained: Path, command: str) -> None:
    content = bytearray(trained.read_bytes())
    content[-1] ^= 1
    if command == "show":  # which reads all but the tensors
        content[60] ^= 1
    trained.write_bytes(content)
    done = kan(command, trained)
    assert (done.code, done.out) == (5, "")
    assert "damaged" in done.err or "not a checkpoint" in done.err


def test_a_checkpoint_cut_short_is_refused(kan: Kan, trained: Path) -> None:
    trained.write_bytes(trained.read_bytes()[:-40])
    assert kan("prune", trained).code == 5


def test_a_damaged_version_is_listed_and_named(kan: Kan, trained: Path) -> None:
    content = bytearray(trained.read_bytes())
    content[60] ^= 1
    trained.write_bytes(content)
    done = kan("log", trained.parent)
    assert done.code == 0
    assert done.out.splitlines()[1].startswith("1\ttrain\t")
    assert trained.name in done.err


def test_an_edge_that_is_not_there_cannot_be_fixed(kan: Kan, trained: Path) -> None:
    done = kan("symbolify", trained, "--fix", "7,0,0=sin")
    assert done.code == 2
    assert "7,0,0" in done.err


def test_a_function_that_is_not_there_is_refused(kan: Kan, trained: Path) -> None:
    done = kan("symbolify", trained, "--fix", "0,0,0=sine")
    assert done.code == 2
    assert "sine" in done.err


def test_a_checkpoint_without_formula_cannot_be_exported(kan: Kan, trained: Path) -> None:
    done = kan("export", trained)
    assert (done.code, done.out) == (2, "")
    assert "symbolify" in done.err


def test_a_file_that_cannot_be_written_is_named(kan: Kan, folder: Path) -> None:
    (folder / "runs").write_text("")
    Path("data.csv").write_text(GOOD)
    done = kan("train", "data.csv", *WIDTH, "--restarts", "1", "--steps", "1")
    assert done.code == 2
    assert "runs" in done.err
