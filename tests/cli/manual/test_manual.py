"""The manual says what the commands say, and is a man page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from kit import Kan

import kancli.cli.manual
from kancli import errors
from kancli.cli.commands import man as command
from kancli.cli.frame.app import COMMANDS
from kancli.cli.manual import manual
from kancli.cli.manual.pages import EXIT_CODES
from kancli.cli.manual.roff import escaped, roff

HERE = Path(kancli.cli.manual.__file__).parent


@pytest.mark.parametrize(("file", "format"), [("kan.md", "markdown"), ("kan.1", "man")])
def test_the_manual_that_is_shipped_is_current(kan: Kan, file: str, format: str) -> None:
    shipped = (HERE / file).read_text()
    assert kan("man", "-f", format).out == shipped, f"kan man -f {format} > kancli/cli/manual/{file}"


def test_every_command_has_a_page_with_examples_that_call_it() -> None:
    pages = {page.name: page for page in manual().pages}
    assert list(pages) == list(COMMANDS)
    for name, page in pages.items():
        assert page.summary == COMMANDS[name]
        examples = [line for block in page.blocks if isinstance(block, tuple) for line in block]
        assert any(f"kan {name}" in line for line in examples), name


def test_every_option_says_what_it_is() -> None:
    entries = [entry for page in manual().pages for entry in (*page.arguments, *page.options)]
    assert [entry.written for entry in entries if len(entry.help) < 8] == []


def test_every_failure_has_its_exit_code_in_the_manual() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert {kind.exit_code for kind in kinds if issubclass(kind, errors.KanError)} <= set(EXIT_CODES)


def test_one_command_can_be_asked_for(kan: Kan) -> None:
    text = kan("man", "prune", "-f", "markdown").out
    assert text.startswith("## kan prune\n")
    assert "kan fit" not in text
    assert kan("man", "prnue").code == kan("man", "-f", "html").code == 2


@pytest.mark.parametrize("names", [tuple(COMMANDS), ("fit",)], ids=["all", "fit"])
def test_groff_has_nothing_to_say_against_the_man_page(names: tuple[str, ...]) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("no groff")
    page = roff(manual(names))
    assert page.isascii()
    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "--time-limit" in done.stdout


def test_no_text_is_taken_for_a_request() -> None:
    assert escaped(".so \\x'") == "\\&.so \\ex\\(aq"


def test_a_terminal_without_man_gets_the_source(kan: Kan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kancli.cli.output.streams.Streams.terminal", lambda self, stream=None: True)
    monkeypatch.setattr(command.shutil, "which", lambda name: None)  # type: ignore[attr-defined]
    assert kan("man", "fit").out.startswith(".TH")


def test_the_page_for_programs_names_commands_and_options_that_exist(kan: Kan) -> None:
    text = kan("man", "agent").out
    every = "".join(kan(name, "--help").out for name in COMMANDS)
    assert set(re.findall(r"\bkan (\w+) [A-Z]", text)) <= set(COMMANDS)
    assert [flag for flag in re.findall(r"--[a-z][a-z0-9-]+", text) if flag not in every] == []
    assert all(f"| {code} |" in text for code in EXIT_CODES)
    assert json.loads(kan("man", "agent", "--json").out)["text"] == text
