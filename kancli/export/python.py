"""A Python module with one numpy function, which needs nothing else to run."""

from __future__ import annotations

from kancli.export.source import Source
from kancli.symbolic.expression_functions import FUNCTIONS
from kancli.symbolic.expression_printer import Dialect, render

DESCRIPTION = "a numpy function"

_NUMPY_NAMES = {name: f"np.arc{name[1:]}" for name in FUNCTIONS if name[0] == "a" and name != "abs"}
NUMPY = Dialect(
    functions={name: _NUMPY_NAMES.get(name, f"np.{name}") for name in FUNCTIONS},
    pi="np.pi",
    square_root="np.sqrt({})",
)


def parameter_names(names: tuple[str, ...], avoided: frozenset[str]) -> tuple[str, ...]:
    """The names with an underscore after those that the generated code uses itself."""
    taken = set(names) | avoided
    chosen = []
    for name in names:
        while name in avoided or (name in chosen):
            name = f"{name}_"
            while name in taken:
                name = f"{name}_"
        chosen.append(name)
    return tuple(chosen)


def write(source: Source) -> str:
    parameters = parameter_names(source.names, frozenset({"np"}))
    body = render(source.expression, parameters, NUMPY)
    lines = ["import numpy as np", "", "", f"def predict({', '.join(parameters)}):"]
    lines += [f'    """{_quoted(source.one_line)}', ""]
    lines += [
        f"    {name}: column {_quoted(column)!r}"
        for name, column in zip(parameters, source.columns, strict=True)
    ]
    lines += [f"    returns {_quoted(source.target)!r}", '    """']
    lines += [f"    {name} = np.asarray({name}, dtype=float)" for name in parameters]
    lines += [f"    return {body}"]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Text that may stand inside a docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''")
