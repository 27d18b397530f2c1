"""What an export is made from, whether it comes from a Formula or from a checkpoint's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kancli.errors import CheckpointError, UsageError
from kancli.symbolic.expression_tree import Expression
from kancli.symbolic.formula import Formula
from kancli.symbolic.names import safe_names
from kancli.symbolic.parser import ParseError, parse


@dataclass(frozen=True)
class Source:
    """`names[i]` stands for column `columns[i]` in `text`; `figures` are the JSON values known about it."""

    expression: Expression
    text: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    target: str
    figures: Mapping[str, Any]

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """(name, column) for the columns whose own name cannot stand in a formula."""
        return tuple(pair for pair in zip(self.names, self.columns, strict=True) if pair[0] != pair[1])

    @property
    def one_line(self) -> str:
        """The equation on one line, for a comment or docstring: never closing either."""
        target = " ".join(self.target.split()).replace("\\", "/").replace('"""', "'''").replace("*/", "* /")
        return f"{target} = {self.text}"


def source_of(formula: Formula | Mapping[str, Any]) -> Source:
    """Raises UsageError where the metadata has no formula, CheckpointError where it cannot be read."""
    if isinstance(formula, Formula):
        return _source(formula.metadata(), formula.expression)
    if not formula.get("formula"):
        raise UsageError("this checkpoint has no formula", "run `kan symbolify` on it first")
    try:
        return _source(formula, None)
    except (KeyError, ParseError) as problem:
        raise CheckpointError(f"the checkpoint's formula cannot be read: {problem}") from problem


def _source(figures: Mapping[str, Any], expression: Expression | None) -> Source:
    columns = tuple(str(column) for column in figures["inputs"])
    names = safe_names(columns)
    text = str(figures["formula"])
    known = parse(text, names) if expression is None else expression
    return Source(known, text, names, columns, str(figures["target"]), figures)
