"""A Python module with one numpy function, which needs nothing else to run; special functions need scipy."""

from __future__ import annotations

from kancli.export.check import Check
from kancli.export.numpy_like import Library, dialect, module
from kancli.export.source import Source

DESCRIPTION = "a numpy function"

_NUMPY = Library(
    "python",
    dialect("python", "np.", "np.pi"),
    imports=("import numpy as np",),
    convert="np.asarray({}, dtype=float)",
    avoided=frozenset({"np", "predict", "float"}),
)


def write(source: Source, check: Check | None = None) -> str:
    return module(source, _NUMPY, check)
