"""Column names as names in a formula."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Sequence

from kancli.symbolic.elementary import FUNCTIONS

# What the formula's own text may contain; every other identifier (E, beta, gamma, S, N, Q …) stays as it is.
_TAKEN = [entry for entry in FUNCTIONS.values() if not entry.name_is_free]
RESERVED = frozenset(
    {"pi", "sqrt", *(entry.name for entry in _TAKEN), *(entry.sympy_name for entry in _TAKEN)}
)


def is_safe(name: str) -> bool:
    """Whether a column name can stand in a formula as it is, read by Python and by sympy."""
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in RESERVED
        and unicodedata.normalize("NFKC", name) == name
    )


def safe_names(columns: Sequence[str]) -> tuple[str, ...]:
    """One distinct name a column, its own where that is safe: "Speed (m/s)" → Speed_m_s, lambda → lambda_."""
    taken = {column for column in columns if is_safe(column)}
    names = []
    for position, column in enumerate(columns):
        if is_safe(column):
            names.append(column)
            continue
        name = _distinct(_safe(column, position), taken)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _safe(column: str, position: int) -> str:
    letters = (mark if f"a{mark}".isidentifier() else " " for mark in unicodedata.normalize("NFKC", column))
    name = "_".join("".join(letters).split()).strip("_")
    if not name:
        return f"x{position + 1}"
    if not name.isidentifier():
        name = f"x_{name}"
    return name if is_safe(name) else f"{name}_"


def _distinct(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
