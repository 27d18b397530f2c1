"""Fixtures of the command line's tests."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from fake_stages import FakeStages


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> FakeStages:
    """Replace the four stages for one test."""
    fake = FakeStages()
    for name in ("train", "prune", "refine", "symbolify"):
        module = ModuleType(f"kancli.stages.{name}")
        setattr(module, name, fake.train if name == "train" else fake.later(name))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


@pytest.fixture
def table(folder: Path) -> Path:
    """A small table with two inputs."""
    rows = "".join(f"{i / 7},{(i * 3) % 5},{i**2}\n" for i in range(20))
    path = folder / "data.csv"
    path.write_text("x1,x2,y\n" + rows)
    return path
