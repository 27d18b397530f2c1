"""Every command on a narrow terminal without colour or Unicode, on a dumb one, in pipes, and where nobody reads."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from threading import Thread

import pytest
from processes import in_process

from kancli.cli import main
from kancli.cli.frame.app import COMMANDS

COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-9]|4[0-9]|9[0-9])[0-9;]*m")
BOLD = re.compile(r"\x1b\[[01]?m")
# What makes something, each in an order in which it finds what the one before has left; none takes long.
MAKING = [
    ["train", "data.csv", "--width", "1,1", "--restarts", "1", "--steps", "3"],
    ["prune", "last@train"],
    ["refine", "last@train", "--grid", "7"],
    ["symbolify", "last@train", "--lib", "x,x^2", "--no-compositions"],
    ["fit", "data.csv", "--like", "A*a**B"],
    ["relations", "data.csv"],
    ["structure", "data.csv"],
    ["doctor"],
    ["runs"],
]
LOOKING = [
    ["example", "kepler", "--rows", "3"],
    ["suggest", "law@refine", "--edge", "0,0,0", "--top", "2", "--no-compositions"],
    ["run", "law.yaml", "--dry-run"],
    ["export", "law", "-f", "python"],
    ["predict", "law", "data.csv"],
    ["eval", "law", "data.csv"],
    ["show", "law"],
    ["plot", "law"],
    ["report", "law"],
    ["log", "law"],
    ["diff", "law@train", "law@symbolify"],
    ["init", "data.csv"],
    ["check", "data.csv"],
    ["schema", "output", "runs"],
    ["functions"],
    ["man", "log"],
]
CALLS = [*MAKING, *LOOKING]
NAMES = [call[0] for call in CALLS]
# All that these print is laid out for the terminal's width; a formula never is, so that it can be copied.
FITTING = ("suggest", "eval", "plot", "log", "check", "doctor", "functions")


def results(shown: bytes) -> list[tuple[int, str]]:
    """Exit code and output of each command of `surroundings.py shown`."""
    texts = re.split(r"\0(\d+)\0\r?\n", shown.decode().replace("\r\n", "\n"))
    return [(int(code), text) for text, code in zip(texts[:-1:2], texts[1::2], strict=True)]


def in_terminal(folder: Path, **environment: str) -> list[tuple[int, str]]:
    """Each command with both of its streams on a pseudo-terminal of 40 columns."""
    leader, follower = pty.openpty()
    running = in_process(folder, "shown", CALLS, follower, follower, COLUMNS="40", **environment)
    os.close(follower)
    parts: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(leader, 1 << 16):
                parts.append(part)
        except OSError:  # Linux's end of a terminal
            pass

    reader = Thread(target=read)
    reader.start()
    assert running.wait(timeout=120) == 0
    reader.join(timeout=10)
    os.close(leader)
    return results(b"".join(parts))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table, a recipe and a run of all its stages."""
    folder = tmp_path_factory.mktemp("surroundings")
    rows = "".join(f"{a / 4},{(a / 4) ** 1.5!r}\n" for a in range(1, 31))
    (folder / "data.csv").write_text("a,T\n" + rows)
    (folder / "law.yaml").write_text(
        "data: {path: data.csv}\ntrain: {width: [1, 1], restarts: 1}\nsymbolify: {compositions: false}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["run", "law.yaml", "--run", "runs/law", "-q"]) == 0
    return folder


@pytest.fixture(scope="module")
def narrow(workplace: Path) -> list[tuple[int, str]]:
    """On 40 columns of ASCII without colour."""
    return in_terminal(workplace, TERM="xterm-256color", NO_COLOR="1", LC_ALL="C")


@pytest.fixture(scope="module")
def dumb(workplace: Path) -> list[tuple[int, str]]:
    """On a terminal that can only show lines."""
    return in_terminal(workplace, TERM="dumb", LC_ALL="C.UTF-8")


def test_every_command_is_called_here() -> None:
    # view waits for a browser, and a differential equation takes half a minute.
    assert sorted([*NAMES, "view", "solve"]) == sorted(COMMANDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_terminal_that_can_do_little_is_asked_for_no_more(
    narrow: list[tuple[int, str]], dumb: list[tuple[int, str]], name: str
) -> None:
    code, text = narrow[NAMES.index(name)]
    assert code == 0, text
    assert text.isascii()
    assert not COLOUR.search(text)
    assert not re.search(r"\\x|\\u", text)
    if name in FITTING:
        assert max(map(len, BOLD.sub("", text).splitlines())) <= 40
    code, text = dumb[NAMES.index(name)]
    assert code == 0, text
    assert "\x1b" not in text
    assert text


def test_a_pipe_gets_neither_escapes_nor_lines_of_the_terminals_width(workplace: Path) -> None:
    calls = [["COLUMNS=40"], *MAKING, *LOOKING, ["COLUMNS=200"], *LOOKING]
    running = in_process(workplace, "shown", calls, subprocess.PIPE, subprocess.PIPE, TERM="xterm-256color")
    out, err = running.communicate(timeout=120)
    found = results(out)
    assert [code for code, _ in found] == [0] * (len(calls) - 2)
    assert b"\x1b" not in out + err
    wide = found[len(CALLS) :]
    for call, at_40, at_200 in zip(LOOKING, found[len(MAKING) :], wide, strict=False):
        assert at_40 == at_200, call


def test_a_reader_that_has_gone_ends_every_command_without_noise(workplace: Path) -> None:
    calls = [[*call, "-q"] for call in CALLS]
    out, err = in_process(workplace, "unread", calls, subprocess.PIPE, subprocess.PIPE).communicate(
        timeout=120
    )
    assert dict(zip(NAMES, out.decode().split(), strict=True)) == dict.fromkeys(NAMES, "141")
    assert err == b""


def test_what_ascii_lacks_is_written_in_ascii_and_json_stays_json(workplace: Path) -> None:
    (workplace / "signs.csv").write_text("σ²,µ\n1,2\n2,3\n3,5\n")
    calls = [["check", "signs.csv"], ["check", "signs.csv", "--json"]]
    out, _ = in_process(workplace, "shown", calls, subprocess.PIPE, subprocess.PIPE, LC_ALL="C").communicate()
    (_, table), (_, document) = results(out)
    assert "\\u03c32" in table
    assert "σ²" in json.dumps(json.loads(document), ensure_ascii=False)
