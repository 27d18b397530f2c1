"""Help is instant because nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("torch", "pandas", "sympy", "scipy", "numpy", "pydantic", "yaml", "rich", "safetensors")


def loaded(*argv: str) -> set[str]:
    """The heavy packages in a fresh process after `kan` ran with these arguments."""
    code = (
        "import sys\nfrom kancli.cli import main\n"
        f"code = main({list(argv)!r})\n"
        f"print(code, *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    code_text, *names = done.stderr.split()
    assert code_text == "0"
    return set(names)


@pytest.mark.parametrize("argv", [("--help",), ("--version",)])
def test_the_overview_loads_no_heavy_package(argv: tuple[str, ...]) -> None:
    assert loaded(*argv) == set()


def test_the_tour_loads_no_heavy_package_but_what_typer_itself_loads() -> None:
    assert loaded() <= {"pydantic"}


@pytest.mark.parametrize("command", ["train", "prune", "symbolify", "run", "show"])
def test_help_of_a_command_loads_neither_torch_nor_tables_nor_algebra(command: str) -> None:
    assert not loaded(command, "--help") & {"torch", "pandas", "sympy", "scipy", "numpy"}


@pytest.mark.parametrize("module", ["kancli", "kancli.recipe", "kancli.cli"])
def test_importing_the_package_loads_no_torch(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'torch', 'pandas', 'sympy', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_law_found_without_a_network_loads_no_torch(tmp_path: Path) -> None:
    table = tmp_path / "power.csv"
    rows = [(i % 7 + 1, i % 5 + 2, (i % 7 + 1) * (i % 5 + 2) ** 2) for i in range(40)]
    table.write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows))
    assert "torch" not in loaded("fit", str(table), "--run", str(tmp_path / "run"), "--quiet")


def test_help_takes_no_time_that_one_would_notice() -> None:
    # The promise of 0.3 s is measured by tests/benchmarks/help_speed.py; a loaded machine gets leeway.
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kancli", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.6
