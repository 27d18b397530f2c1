"""Names that are orders to a terminal: wherever they come from, none of them reaches it."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import Kan, Outcome
from processes import in_process

from kancli.checkpoint import Checkpoint, new_run, save
from kancli.cli.frame.completing import header, list_matching, matching
from kancli.cli.output.progress import watching
from kancli.cli.output.streams import Streams
from kancli.stages.progress import Progress

TITLE, RED, CSI, TURNED = "\x1b]0;pwned\x07", "\x1b[31m", "\x9b2J", "\u202e"
HOSTILE = f"{TITLE}{RED}{CSI}{TURNED}\x7f\u2028"
ORDERS = (TITLE[:2], RED, CSI[0], TURNED, "\x07", "\x7f", "\u2028")
NAMES = [f"{HOSTILE}{letter}" for letter in "xy"]


def clean(done: Outcome, code: int, *, named: bool = True) -> Outcome:
    """What a command left, which must hold no order to a terminal, but where it is `named` the rest of the text."""
    assert done.code == code, done.err
    for text in (done.out, done.err):
        assert [order for order in ORDERS if order in text] == []
    assert not named or "pwned" in done.out + done.err
    return done


@pytest.fixture
def hostile(folder: Path) -> Path:
    """A table with hostile names for its columns, and for itself."""
    path = folder / f"{TURNED}{RED}pwned.csv"
    rows = "".join(f"{a / 4},{(a / 4) ** 2!r}\n" for a in range(1, 31))
    path.write_text(f"{','.join(NAMES)}\n{rows}", encoding="utf-8", newline="")
    return path


def received(**changes: Any) -> None:
    """A checkpoint as somebody else may have made it."""
    x, y = NAMES
    metadata = {
        "formula": f"2*x1 {HOSTILE}", "latex": HOSTILE, "inputs": [x], "target": f"{y}\nkan: error: no",
        "data": {
            "source": HOSTILE, "path": f"/{HOSTILE}", "copy": None, "options": {}, "seed": 0, "rows": 3,
            "held_out": 0, "fingerprint": HOSTILE, "ranges": {x: [0.0, 1.0]},
        },
        "recipe": {"version": 1, "data": {"path": HOSTILE}}, "remarks": [HOSTILE], "splines_left": 0,
        "metrics": {"r2": 1.0}, "edges": [], "symbols": {"x1": x}, **changes,
    }  # fmt: skip
    run = new_run(Path("runs"), f"{HOSTILE}pwned.csv", command=["kan", HOSTILE])
    save(Checkpoint("symbolify", {"w": np.zeros(1)}, metadata), run, None)


def test_a_table_with_such_names_can_be_looked_at_fitted_and_predicted(kan: Kan, hostile: Path) -> None:
    clean(kan("check", hostile), 0)
    clean(kan("check", hostile, "--json"), 0)
    clean(kan("init", hostile), 0)
    clean(kan("train", hostile, "--width", "1,1", "--restarts", "1", "--steps", "3"), 0)
    done = clean(kan("symbolify", "last", "--lib", "x,x^2", "--no-compositions"), 0)
    assert done.out.splitlines()[0].startswith(
        r"\u001b]0;pwned\u0007\u001b[31m\u009b2J\u202e\u007f\u2028y = "
    )
    for argv in (
        ("show",), ("log",), ("runs",), ("diff", "last@1", "last@2"), ("show", "--json"),
        ("predict", "last", hostile), ("eval", "last", hostile), ("plot", "last"), ("report", "last", "--json"),
        *(("export", "last", "-f", name) for name in ("latex", "json", "text", "mathml", "c", "python")),
    ):  # fmt: skip
        clean(kan(*argv), 0, named=argv[0] not in ("log", "eval"))
    json.loads(kan("export", "last", "-f", "json").out)
    for name in ("law.tex", "law.json", "report.html"):
        assert kan(*(["report"] if name.endswith("html") else ["export"]), "last", "-o", name).code == 0
        text = Path(name).read_text(encoding="utf-8")
        assert "pwned" in text
        assert [order for order in ORDERS if order in text] == []


def test_rows_are_appended_to_as_they_are_for_programs(kan: Kan, hostile: Path) -> None:
    assert kan("train", hostile, "--width", "1,1", "--restarts", "1", "--steps", "3").code == 0
    done = kan("predict", "last", hostile, "--append")
    assert done.out.startswith(",".join(NAMES) + ",")


def test_a_recipe_is_written_so_that_it_means_the_same(kan: Kan, hostile: Path) -> None:
    from kancli.recipe.reader import parse_document

    values = parse_document(clean(kan("init", hostile), 0).out, "r.yaml").values
    assert values["data"]["target"] == NAMES[1]
    assert values["data"]["path"] == str(hostile)


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        (3, ("check", f"{HOSTILE}.csv")),
        (3, ("train", "good.csv", "--width", "1,1", "--target", HOSTILE)),
        (5, ("show", f"runs/{HOSTILE}")),
        (2, (HOSTILE,)),
        (2, ("train", "good.csv", f"--{HOSTILE}")),
        (4, ("check", "r.yaml")),
        (4, ("check", "r.yaml", "--json")),
        (3, ("check", "two.zip")),
        (2, ("plot", "--kind", HOSTILE)),
    ],
)
def test_errors_repeat_no_orders(kan: Kan, folder: Path, code: int, argv: tuple[str, ...]) -> None:
    Path("good.csv").write_text("x,y\n1,2\n3,4\n4,5\n")
    quoted = json.dumps(f"{HOSTILE}\nr.yaml:9:9: spoof")
    Path("r.yaml").write_text(
        f"data: {{path: good.csv, {quoted}: 1}}\ntrain: {{width: [1, 1], optimizer: {quoted}}}\n"
    )
    with zipfile.ZipFile("two.zip", "w") as archive:
        for name in ("a", "b"):
            archive.writestr(f"{HOSTILE}\nkan: error: {name}", "x,y\n")
    done = clean(kan(*argv), code)
    lines = done.err.splitlines()
    assert not any(line.startswith("kan: error: a") for line in lines)
    assert len([line for line in lines if line.startswith("r.yaml:")]) == (2 if "r.yaml" in argv else 0)


def test_standard_input_that_names_a_run_is_not_repeated_as_it_is(
    kan: Kan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (f"# checkpoint: {HOSTILE}", json.dumps({"checkpoint": HOSTILE})):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        clean(kan("show", "-"), 5)


@pytest.mark.parametrize(
    "argv", [("show",), ("runs",), ("log",), ("show", "--json"), ("symbolify",), ("predict", "t.csv")]
)
def test_a_checkpoint_of_somebody_else_gives_no_orders(kan: Kan, folder: Path, argv: tuple[str, ...]) -> None:
    received()
    Path("t.csv").write_text("x,y\n1,2\n3,4\n")
    done = kan(*argv)
    clean(done, done.code, named=argv[0] not in ("log", "predict"))
    assert "internal error" not in done.err
    assert not any(line.startswith("kan: error: no") for line in done.out.splitlines())


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_tables_drawings_and_rows_on_a_terminal_hold_only_its_own_orders(
    kan: Kan, hostile: Path, folder: Path
) -> None:
    assert kan("train", hostile, "--width", "1,1", "--restarts", "1", "--steps", "3").code == 0
    calls = [
        ["check", hostile.name], ["show"], ["runs"], ["plot", "last"], ["plot", "last", "--kind", "parity"],
        ["eval", "last", hostile.name], ["predict", "last", hostile.name, "--append"], ["show", "nothing" + HOSTILE],
    ]  # fmt: skip
    leader, follower = pty.openpty()
    running = in_process(folder, "shown", calls, follower, follower, TERM="xterm-256color", COLUMNS="90")
    os.close(follower)
    shown = bytearray()
    try:
        while part := os.read(leader, 1 << 16):
            shown += part
    except OSError:  # Linux's end of a terminal
        pass
    assert running.wait(timeout=120) == 0
    os.close(leader)
    text = shown.decode()
    assert "\x1b[" in text  # rich's own
    assert text.count("pwned") >= len(calls) - 1
    assert [order for order in ORDERS if order in text] == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_names_as_they_are_spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stderr", terminal)
    with watching(Streams(no_color=True)) as report:
        for step in range(3):
            report(Progress("fit", step, 3, None, None, message=f"[bold]{HOSTILE}"))
        Streams().remark(HOSTILE)
    text = terminal.getvalue()
    assert "[bold]" in text
    assert [order for order in ORDERS if order in text] == []


def test_the_shell_is_offered_no_name_that_it_would_obey(hostile: Path) -> None:
    names = header(str(hostile))
    assert names == tuple(NAMES)
    assert matching([*names, "z"], "") == ["z"]
    assert list_matching([*names, "z"], "a,") == ["a,z"]
