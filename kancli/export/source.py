"""What an export is made from, whether it comes from a Formula or from a checkpoint's metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kancli.errors import CheckpointError, UsageError
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.tree import Expression, variables
from kancli.symbolic.formula import Formula
from kancli.symbolic.text.parser import ParseError, parse
from kancli.units.columns import bare


@dataclass(frozen=True)
class Source:
    """`names[i]` is the name of column `columns[i]` in `text`; `figures` are JSON values about the formula."""

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
    def ranges(self) -> Mapping[str, Sequence[float]]:
        """(lowest, highest) of each column in the data of the fit, where they are known."""
        ranges: Mapping[str, Sequence[float]] = (self.figures.get("data") or {}).get("ranges") or {}
        return ranges

    def about(self, index: int) -> str:
        """What input `index` is: its column, its unit where a recipe gave one, and its range in the data."""
        column = self.columns[index]
        groups = self.figures.get("groups") or {}
        if column in (groups.get("names") or ()):
            return plain(f"constant of each {', '.join(groups['by'])}")
        text = f'column "{column}"{self._unit(column)}'
        if column in self.ranges:
            low, high = self.ranges[column]
            text += f", {low:.4g} to {high:.4g} in the data"
        return plain(text if index in variables(self.expression) else f"{text}; not in the formula")

    @property
    def about_target(self) -> str:
        """What the result is: its column and its unit."""
        return plain(f'column "{self.target}"{self._unit(self.target)}')

    def _unit(self, column: str) -> str:
        units = (self.figures.get("recipe") or {}).get("units") or {}
        names = (column, *safe_names([column]), bare(column))
        return next((f" in {units[name]}" for name in names if name in units), "")

    @property
    def one_line(self) -> str:
        """The equation on one line, for a comment or docstring: never closing either."""
        target = plain(self.target).replace('"""', "'''").replace("*/", "* /")
        return f"{target} = {self.text}"


def plain(text: str) -> str:
    """Text for a line of comment: no line break, nothing invisible, no backslash (which continues a line in C)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).replace("\\", "/").split())


def source_of(formula: Formula | Mapping[str, Any]) -> Source:
    """Raises UsageError where the metadata has no formula, CheckpointError where it cannot be read."""
    if isinstance(formula, Formula):
        return _source(formula.metadata(), formula.expression)
    if not formula.get("formula"):
        raise UsageError("this checkpoint has no formula", "run `kan symbolify` on it first")
    if left := formula.get("splines_left"):
        edges = "1 edge is still a spline" if left == 1 else f"{left} edges are still splines"
        raise UsageError(
            f"{edges}: there is no complete formula to export",
            "run `kan symbolify` without --keep-spline and with a wider --lib; `kan predict` uses the splines",
        )
    try:
        return _source(formula, None)
    except (KeyError, ParseError) as problem:
        raise CheckpointError(f"the checkpoint's formula cannot be read: {problem}") from problem


def _source(figures: Mapping[str, Any], expression: Expression | None) -> Source:
    # The constants of a law of several groups are arguments like its inputs.
    own = (figures.get("groups") or {}).get("names") or ()
    columns = (*(str(column) for column in figures["inputs"]), *own)
    names = safe_names(columns)
    text = str(figures["formula"])
    known = parse(text, names) if expression is None else expression
    return Source(known, text, names, columns, str(figures["target"]), figures)
