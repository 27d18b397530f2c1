"""The compilers and interpreters that a machine may have, and how a file is run with each."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Tool:
    """`compile` and `run` are command lines; FILE is the source, OUT what the compiler makes of it."""

    format: str
    file: str
    run: tuple[str, ...]
    compile: tuple[str, ...] = ()
    library: str | None = None

    @property
    def missing(self) -> str | None:
        """What this machine does not have of it."""
        program = (self.compile or self.run)[0]
        if shutil.which(program) is None:
            return f"{program} is not installed"
        if self.library and importlib.util.find_spec(self.library) is None:
            return f"{self.library} is not installed"
        return None

    def execute(self, source: str, folder: Path, *, script: str | None = None) -> tuple[int, str]:
        """Exit code and output of the program. Fails the test where it does not compile without a warning."""
        if self.missing:
            pytest.skip(self.missing)
        path = folder / self.file
        path.write_text(source + "\n", encoding="utf-8")
        words = {"FILE": str(path), "OUT": str(folder / "program"), "SCRIPT": script or "predict"}
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu", "LC_ALL": "C.UTF-8"}
        if self.compile:
            done = _call([words.get(word, word) for word in self.compile], folder, environment)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
        done = _call([words.get(word, word) for word in self.run], folder, environment)
        return done.returncode, (done.stdout + done.stderr).replace(_OCTAVE_NOISE, "")


def _call(words: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


# What some builds of Octave 7 say at the end of any script.
_OCTAVE_NOISE = "error: ignoring const execution_exception& while preparing to exit\n"
_C = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "FILE", "-o", "OUT", "-lm")
_CPP = ("-std=c++11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "FILE", "-o", "OUT")
_FORTRAN = ("-std=f2008", "-O1", "-Wall", "-Wno-unused-dummy-argument", "-Wno-maybe-uninitialized")
TOOLS = {
    tool.format: tool
    for tool in (
        Tool("python", "law.py", (sys.executable, "-W", "error", "FILE")),
        Tool("torch", "law.py", (sys.executable, "FILE"), library="torch"),
        Tool("jax", "law.py", (sys.executable, "FILE"), library="jax"),
        Tool("c", "law.c", ("OUT",), ("cc", *_C)),
        Tool("c++", "law.cpp", ("OUT",), ("c++", *_CPP)),
        Tool("fortran", "law.f90", ("OUT",), ("gfortran", *_FORTRAN, "FILE", "-o", "OUT")),
        Tool("julia", "law.jl", ("julia", "--startup-file=no", "FILE")),
        Tool("rust", "law.rs", ("OUT",), ("rustc", "-D", "warnings", "FILE", "-o", "OUT")),
        Tool("javascript", "law.js", ("node", "FILE")),
        Tool("octave", "predict.m", ("octave-cli", "-qf", "--eval", "SCRIPT")),
        Tool("r", "law.R", ("Rscript", "--vanilla", "FILE")),
    )
}
