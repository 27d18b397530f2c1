"""What the shell offers after a tab."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_stages import FakeStages
from kit import Kan

from kancli.cli import main

Complete = Callable[..., list[str]]


@pytest.fixture
def offered(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """What bash is offered for the last of some words."""

    def offer(*words: str) -> list[str]:
        monkeypatch.setenv("_KAN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(("kan", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([])
        monkeypatch.delenv("_KAN_COMPLETE")
        assert left.value.code == 0
        return capsys.readouterr().out.split("\n")[:-1]

    return offer


@pytest.fixture
def table(folder: Path) -> Path:
    path = folder / "data.csv"
    path.write_text("x1;T [K];y\n1;2,5;3\n2;3,5;4\n")
    return path


def test_commands_and_choices(offered: Complete) -> None:
    assert offered("pr") == ["prune", "predict"]
    assert offered("train", "d.csv", "--optimizer", "l") == ["lm", "lbfgs"]
    assert offered("run", "r.yaml", "--from", "s") == ["symbolify"]


def test_columns_of_the_table_on_the_line(offered: Complete, table: Path) -> None:
    assert offered("train", "data.csv", "--target", "") == ["x1", r"T\ \[K\]", "y"]
    assert offered("fit", "data.csv", "--inputs", "x1,") == [r"x1,T\ \[K\]", "x1,y"]
    assert offered("train", "data.csv", "--target", "T") == [r"T\ \[K\]"]
    assert offered("eval", "last", "data.csv", "--target", "y") == ["y"]
    assert offered("train", "nowhere.csv", "--target", "x") in ([], [""])


def test_functions_and_laws(offered: Complete) -> None:
    assert offered("fit", "d.csv", "--exclude", "sin,co") == ["sin,cos", "sin,cosh"]
    assert offered("example", "ke") == ["kepler"]


def test_runs_and_their_versions(offered: Complete, kan: Kan, table: Path, stages: FakeStages) -> None:
    for argv in (
        ("train", "data.csv", "--width", "2,1"),
        ("prune", "last"),
        ("train", "data.csv", "--width", "2,1"),
    ):
        assert kan(*argv, "-q").code == 0
    assert offered("show", "") == ["last", "runs/data-001", "runs/data-002"]
    assert offered("show", "runs/data-001@") == [
        f"runs/data-001@{which}" for which in ("train", "prune", "1", "2")
    ]
    assert offered("prune", "last@t") == ["last@train"]
    assert offered("diff", "last", "runs/data-002/") == ["runs/data-002/0001-train.kan"]
    assert offered("show", "nothing@") in ([], [""])


def test_completing_columns_imports_nothing_heavy(table: Path) -> None:
    code = (
        "import sys\nfrom kancli.cli import main\ntry:\n    main([])\nfinally:\n"
        "    print(*sorted({'torch', 'pandas', 'sympy', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    environment = {
        **os.environ, "_KAN_COMPLETE": "complete_bash", "COMP_CWORD": "4",
        "COMP_WORDS": "kan\ntrain\ndata.csv\n--target\n",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout.split("\n")[0], done.stderr) == ("x1", "\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_asks_kan(shell: str, folder: Path) -> None:
    environment = {**os.environ, "_KAN_COMPLETE": f"source_{shell}"}
    command = [sys.executable, "-m", "kancli"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"_KAN_COMPLETE=complete_{shell}" in done.stdout
