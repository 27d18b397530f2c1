"""What is found in a table without a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["exact", "law_with_noise", "approximation", "undecided", "nothing", "dependent"]
"""The verdict on a law; `dependent`: the columns depend on each other, and no law was found."""


@dataclass(frozen=True)
class Independence:
    """The test of one column against all others: `p` is its own, `adjusted` that of all columns together (Holm)."""

    column: str
    p: float
    adjusted: float
    dependent: bool


@dataclass(frozen=True)
class Relation:
    """A relation of `columns`: `text` is the equation, `target` the column that it is written for (None: implicit or
    unknown), `formula` its right-hand side. `complexity` counts the nodes of both sides."""

    columns: tuple[str, ...]
    text: str
    kind: Kind
    target: str | None = None
    formula: str | None = None
    r2: float | None = None
    rmse: float | None = None
    complexity: int | None = None

    def metadata(self) -> dict[str, Any]:
        """The keys of `kan relations --json`."""
        return {**vars(self), "columns": list(self.columns)}


@dataclass(frozen=True)
class Relations:
    """All relations of a table; `groups` are the columns that hang together, `independent` the others; `size` is the
    chance of the test to call any column dependent where none is."""

    columns: tuple[str, ...]
    rows: int
    tests: tuple[Independence, ...]
    groups: tuple[tuple[str, ...], ...]
    relations: tuple[Relation, ...]
    size: float
    permutations: int

    @property
    def independent(self) -> tuple[str, ...]:
        """The columns that nothing in the table depends on."""
        return tuple(test.column for test in self.tests if not test.dependent)
