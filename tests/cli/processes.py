"""`kan` in processes of its own, alone or in a shell's pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

KAN = (sys.executable, "-m", "kancli")
SURROUNDINGS = Path(__file__).with_name("surroundings.py")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": ""}


def kan(folder: Path, *argv: object, check: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*KAN, *map(str, argv)], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=ENVIRONMENT, timeout=120,
    )  # fmt: skip
    assert done.returncode == check, done.stderr
    return done


def bash(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    shim = folder / "bin" / "kan"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kancli "$@"\n')
    shim.chmod(0o755)
    path = f"{shim.parent}{os.pathsep}{ENVIRONMENT['PATH']}"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail\n{script}"], cwd=folder, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, env={**ENVIRONMENT, "PATH": path}, timeout=180,
    )  # fmt: skip


def in_process(
    folder: Path, mode: str, calls: list[list[str]], out: int, err: int, **environment: str
) -> subprocess.Popen[bytes]:
    """Many commands in one process: see `surroundings.py`."""
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PAGER": "cat", "MANPAGER": "cat"}
    # One process for all: what one command could not write must not be left in a buffer for the next.
    plain["PYTHONUNBUFFERED"] = "1"
    return subprocess.Popen(
        [sys.executable, SURROUNDINGS, mode, json.dumps(calls)], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=out, stderr=err, env={**ENVIRONMENT, **plain, **environment},
    )  # fmt: skip
