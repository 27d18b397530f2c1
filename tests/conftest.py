"""What tests of several places share: a folder of one's own, and `kan` run inside this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from kit import Kan, Outcome

from kancli.cli import main

# pytest runs one process per core, and two threads on a thousand rows are slower than one. torch and BLAS read these
# when they are loaded: before any test, after the imports above.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def same_numbers_in_any_order(request: pytest.FixtureRequest) -> None:
    """A module's generator RNG is in each test as it was after the import, whatever ran before."""
    generator = getattr(request.module, "RNG", None)
    if generator is not None:
        state = _AFTER_IMPORT.setdefault(request.module.__name__, generator.bit_generator.state)
        generator.bit_generator.state = state


_AFTER_IMPORT: dict[str, Any] = {}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def kan(folder: Path, capsys: pytest.CaptureFixture[str]) -> Kan:
    """Run `kan` in an empty folder without a process of its own."""

    def run(*argv: object) -> Outcome:
        capsys.readouterr()
        code = main([str(arg) for arg in argv])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
