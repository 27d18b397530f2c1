"""How much memory this process may use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kancli import memory as module
from kancli.memory import memory


def test_a_container_may_use_less_than_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = tmp_path / "memory.max"
    monkeypatch.setattr(module, "CONTAINER", bound)
    whole = memory()
    bound.write_text("max\n")
    assert memory() == whole
    bound.write_text(f"{1 << 20}\n")
    assert memory() == 1 << 20


def test_a_limit_of_the_shell_counts() -> None:
    pytest.importorskip("resource")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "from kancli.memory import memory; print(memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 1 << 30
