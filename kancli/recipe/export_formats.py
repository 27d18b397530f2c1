"""The formats in which the formula can be written, and their other usual names."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Literal, get_args

ExportFormat = Literal[
    "text",
    "sympy",
    "latex",
    "python",
    "torch",
    "jax",
    "c",
    "c++",
    "fortran",
    "julia",
    "rust",
    "javascript",
    "octave",
    "r",
    "excel",
    "mathml",
    "json",
]
ExportAlias = Literal[
    "txt", "tex", "numpy", "py", "pytorch", "cpp", "cxx", "f90", "jl", "rs", "js", "matlab", "m", "R", "mml"
]
FORMATS: tuple[str, ...] = get_args(ExportFormat)
ALIASES: dict[str, ExportFormat] = {
    "txt": "text",
    "tex": "latex",
    "numpy": "python",
    "py": "python",
    "pytorch": "torch",
    "cpp": "c++",
    "cxx": "c++",
    "f90": "fortran",
    "jl": "julia",
    "rs": "rust",
    "js": "javascript",
    "matlab": "octave",
    "m": "octave",
    "R": "r",
    "mml": "mathml",
}
# Further file extensions.
_ENDINGS: dict[str, ExportFormat] = {
    **ALIASES,
    "cc": "c++",
    "hpp": "c++",
    "hh": "c++",
    "f95": "fortran",
    "f03": "fortran",
    "f08": "fortran",
    "cjs": "javascript",
    "tsv": "excel",
}


def known_as(name: Any) -> Any:
    """The format's own name for an alias, in either case: cpp and C++ → c++. Anything else is returned unchanged."""
    if not isinstance(name, str) or name in FORMATS:
        return name
    return (
        ALIASES.get(name) or ALIASES.get(name.lower()) or (name.lower() if name.lower() in FORMATS else name)
    )


def format_of_file(path: str) -> str:
    """The format for the extension of a file name, else text."""
    ending = PurePath(path).suffix.removeprefix(".")
    for name in (ending, ending.lower()):
        if name in _ENDINGS or name in FORMATS:
            return _ENDINGS.get(name, name)
    return "text"
