"""How long `kan --help` takes, beside a bare Python and a bare Typer app with as many commands.

    python tests/benchmarks/help_speed.py

The promise: under 0.3 s, and at most 1.5 times the bare Typer app.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from kancli.cli.frame.app import COMMANDS

BARE = """\
import typer
app = typer.Typer(rich_markup_mode=None, add_completion=False)
def root() -> None:
    "Bare."
app.callback()(root)
{commands}
app()
"""
COMMAND = """\
@app.command()
def {name}(data: str, grid: int = 5) -> None:
    "{help}"
"""


def seconds(*command: str, repeats: int = 15) -> float:
    """Median wall time of a whole process."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    commands = "".join(COMMAND.format(name=name, help=text) for name, text in COMMANDS.items())
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE.format(commands=commands))
        rows = {
            "python -c pass": seconds(sys.executable, "-c", "pass"),
            f"bare typer, {len(COMMANDS)} commands": seconds(sys.executable, str(bare), "--help"),
            "kan --help": seconds(sys.executable, "-m", "kancli", "--help"),
            "kan train --help": seconds(sys.executable, "-m", "kancli", "train", "--help"),
        }
    for name, value in rows.items():
        print(f"{name:<28} {value * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
