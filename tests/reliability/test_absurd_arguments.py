"""Arguments of thousands of characters: refused in one short line, with the code of their kind."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from kit import Kan

DIGITS = "1" * 5000
"""More than Python turns into an integer."""
TABLE = "x,y\n" + "".join(f"{i},{2 * i + i * i % 7}\n" for i in range(30))


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("train", "data.csv", "--width", "1,1", "--seed", DIGITS), 2),
        (("train", "data.csv", "--width", "1,1", "--grid", DIGITS), 2),
        (("train", "data.csv", "--width", f"1,{DIGITS}"), 2),
        (("train", "data.csv", "--width", "1,1", "--recipe", "absurd.yaml"), 4),
        (("train", "data.csv", "--width", "1,1", "--seed", str(1 << 64)), 2),
        (("train", "data.csv", "--width", "1,1", "--threads", "100000"), 2),
        (("train", "data.csv", "--width", "1,1", "--jobs", "100000"), 2),
        (("train", "data.csv", "--width", "1,999999999,1"), 2),
        (("train", "data.csv", "--width", "1,1000,1", "--grid", "1000"), 2),
        (("train", "data.csv", "--width", ",".join("1" * 1000)), 2),
        (("train", "data.csv", "--width", "1,50,50,1", "--restarts", "1000"), 2),
        (("fit", "data.csv", "--select", f"complexity<={DIGITS}"), 2),
        (("train", "data.csv", "--width", "1,1", "--recipe", "edge.yaml"), 4),
        (("show", f"run@{DIGITS}"), 5),
        (("show", "run@" + "1" * 200), 5),
        (("show", "a" * 5000), 5),
        (("show", "a/" * 5000), 5),
    ],
    ids=lambda value: None if isinstance(value, int) else " ".join(value)[:30],
)
def test_a_mistake_of_five_thousand_characters_is_one_short_line(
    kan: Kan, folder: Path, argv: tuple[str, ...], code: int
) -> None:
    Path("data.csv").write_text(TABLE)
    Path("absurd.yaml").write_text(f"seed: 0x{DIGITS}\n")
    Path("edge.yaml").write_text(f"symbolify: {{fix: {{'0,0,{DIGITS}': sin}}}}\n")
    Path("run").mkdir()
    done = kan(*argv)
    first, *rest = done.err.splitlines()
    assert (done.code, done.out) == (code, ""), done.err[:300]
    assert first.startswith("kan: error: ")
    assert len(first) < 2100
    assert len(rest) <= 1


@pytest.mark.parametrize(
    "document",
    ["[" * 100_000, '{"a":' * 100_000, "a" * (1 << 20), "a\0b", '{"checkpoint": "' + "a" * 5000 + '"}'],
    ids=["deep list", "deep object", "long name", "a NUL", "long name in JSON"],
)
def test_what_a_pipe_names_may_be_anything(kan: Kan, monkeypatch: pytest.MonkeyPatch, document: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(document))
    done = kan("show", "-")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("kan: error: ")
    assert all(len(line) < 2100 for line in done.err.splitlines())


@pytest.mark.parametrize("instruction", ["x", "complete_elvish", "draw_bash"])
def test_an_unknown_instruction_of_shell_completion_is_a_mistake_of_usage(
    kan: Kan, monkeypatch: pytest.MonkeyPatch, instruction: str
) -> None:
    monkeypatch.setenv("_KAN_COMPLETE", instruction)
    assert kan().code == 2
