"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest
from kit import ROOT
from processes import bash

from kancli.cli.frame.app import COMMANDS
from kancli.cli.manual.pages import EXIT_CODES
from kancli.recipe.export_formats import FORMATS

README = (ROOT / "README.md").read_text()
SESSIONS = re.findall(r"^    \$ (kan .*)$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recipes and tables, in which the README's commands follow each other."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("recipes", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def test_each_command_of_the_readme_gives_the_result_shown(workplace: Path) -> None:
    for command in SESSIONS:  # one after the other: they speak of the last run
        done = bash(workplace, command)
        assert done.returncode == 0, done.stderr
        shown = README.split(f"$ {command}\n")[1].split("\n\n")[0]
        # Off a terminal the tables have other spacing and more digits; names and formula are the same.
        result = done.stdout.splitlines()[0].split("\t")
        assert all(word in shown for word in result), command


def test_the_readme_names_the_two_commands_that_the_checks_run() -> None:
    assert "\n    pip install . && kan run recipes/quickstart.yaml\n" in README
    assert "\n    pip install '.[test]' && pytest\n" in README
    assert "python -m pytest" in (ROOT / ".ci" / "run").read_text()


def test_the_python_session_gives_what_is_shown(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace)
    session = README.split("## In Python\n")[1].split("\n`pip install")[0]
    lines = doctest.DocTestParser().get_doctest(session, {}, "README", None, None)
    said: list[str] = []
    assert doctest.DocTestRunner().run(lines, out=said.append).failed == 0, "".join(said)


def test_every_command_format_and_exit_code_is_in_the_readme() -> None:
    commands = README.split("## Commands\n")[1].split("## In Python\n")[0]
    assert [name for name in COMMANDS if f"`kan {name}" not in commands] == []
    exports = commands.split("**Exports**")[1]
    assert [name for name in FORMATS if f"`{name}`" not in exports] == []
    codes = commands.split("**Exit codes**")[1]
    assert [code for code in EXIT_CODES if not re.search(rf"\b{code} ", codes)] == []
