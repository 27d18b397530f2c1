"""What the user knows of a curve: points that it goes through, where it rises or falls, its limits, its sign.

Each is checked on numbers, at the rows of the table and along each input from its lowest to its highest value there;
limits beyond. That a formula obeys is therefore no proof, that it does not is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import Formula

Array = NDArray[np.float64]

# A value is met where it differs by less than this share of the largest |target|.
MET = 1e-6
# Rows whose other inputs are held, and steps along an input.
ROWS, STEPS = 40, 200
# Distances, in spans of the input, at which a limit is looked at; what is left at the last one, as a share of the
# target's spread, and by how much each step lowers it.
REACHES = tuple(10.0**k for k in range(2, 13, 2))
LEFT = 1e-3


class Demand(Protocol):
    """One thing that is known. `text`: as the user wrote it."""

    @property
    def text(self) -> str:
        """As the user wrote it."""

    def broken_by(self, expression: Expression, table: Dataset) -> str | None:
        """How a formula breaks it, in words; None where it does not."""


@dataclass(frozen=True)
class Demands:
    """All that is known of the curve behind a table."""

    several: tuple[Demand, ...]
    table: Dataset

    def broken_by(self, formula: Formula) -> tuple[str, ...]:
        """How a formula breaks them, in words."""
        return self.broken(formula.expression)

    def broken(self, expression: Expression) -> tuple[str, ...]:
        """The same for an expression."""
        with np.errstate(all="ignore"):
            found = [(one.text, one.broken_by(expression, self.table)) for one in self.several]
        return tuple(f"{text}: {why}" for text, why in found if why is not None)

    def obeyed(self, formula: Formula) -> bool:
        """Whether a formula breaks none of them; points aside, through which it can be fitted."""
        several = tuple(one for one in self.several if not isinstance(one, Through))
        return not replace(self, several=several).broken_by(formula)

    @property
    def points(self) -> tuple[Through, ...]:
        """The points that it goes through."""
        return tuple(one for one in self.several if isinstance(one, Through))


def demands_of(options: FitOptions, table: Dataset) -> Demands:
    """What the options say of the curve. Raises UsageError for what cannot be read, or names no input."""
    found: list[Demand] = [through_of(text, table) for text in options.through]
    found += [monotone_of(text, table) for text in options.monotone]
    found += [limit_of(text, table) for text in options.limit]
    found += [Positive(f"--positive {name}") for name in table.positive if name == table.target]
    return Demands(tuple(found), table)


@dataclass(frozen=True)
class Through:
    """The curve has this value where some inputs, by their index, have these."""

    text: str
    at: Mapping[int, float]
    value: float

    def rows(self, table: Dataset) -> Array:
        """The points: one where all inputs are given, else one for each of some rows."""
        rows = some_rows(table) if len(self.at) < len(table.inputs) else np.zeros((1, len(table.inputs)))
        rows[:, list(self.at)] = list(self.at.values())
        return rows

    def broken_by(self, expression: Expression, table: Dataset) -> str | None:
        rows = self.rows(table)
        values = evaluate(expression, rows)
        if not np.isfinite(values).all():  # as of sin(x)/x at 0: what matters is the value beside it
            values = evaluate(expression, rows + 1e-9 * np.ptp(table.x, axis=0))
        size = float(np.abs(table.y).max())
        away = np.abs(values - self.value)
        if bool((away <= MET * size).all()):
            return None
        worst = float(np.broadcast_to(values, len(rows))[int(np.argmax(np.nan_to_num(away, nan=np.inf)))])
        return f"the value there is {worst:.4g}"


@dataclass(frozen=True)
class Monotone:
    """The curve does not fall (sign 1) or does not rise (−1) with an input, over its range in the table."""

    text: str
    input: int
    sign: int

    def broken_by(self, expression: Expression, table: Dataset) -> str | None:
        at = np.linspace(table.x[:, self.input].min(), table.x[:, self.input].max(), STEPS)
        curves = along(expression, table, self.input, at)
        steps = self.sign * np.diff(curves, axis=1)
        bad = ~(steps >= -1e-9 * (np.ptp(table.y) or 1.0))
        if not bad.any():
            return None
        where = at[int(np.flatnonzero(bad.any(axis=0))[0])]
        return f"it {'falls' if self.sign > 0 else 'rises'} at {table.inputs[self.input]} = {where:.3g}"


@dataclass(frozen=True)
class Limit:
    """Where an input goes to `to` (which may be infinite) the curve goes to `value` (which may be)."""

    text: str
    input: int
    to: float
    value: float

    def broken_by(self, expression: Expression, table: Dataset) -> str | None:
        column = table.x[:, self.input]
        span = float(np.ptp(column)) or 1.0
        if math.isinf(self.to):
            sides = [math.copysign(1.0, self.to) * span * np.array(REACHES)]
        else:
            near = span / np.array(REACHES)
            above, below = column.max() > self.to, column.min() < self.to
            sides = [self.to + near] * bool(above) + [self.to - near] * bool(below)
        for at in sides:
            curves = along(expression, table, self.input, at)
            if not all(goes_to(curve, self.value, float(np.ptp(table.y)) or 1.0) for curve in curves):
                return f"the value at {table.inputs[self.input]} = {at[-1]:.3g} is {curves[0][-1]:.4g}"
        return None


@dataclass(frozen=True)
class Positive:
    """The curve is above 0 over the ranges of all inputs."""

    text: str

    def broken_by(self, expression: Expression, table: Dataset) -> str | None:
        values = [np.broadcast_to(evaluate(expression, table.x), len(table.y))]
        for i in range(len(table.inputs)):
            at = np.linspace(table.x[:, i].min(), table.x[:, i].max(), STEPS)
            values.append(along(expression, table, i, at).ravel())
        least = np.concatenate(values)
        if bool((least > 0).all()):
            return None
        return f"it reaches {float(np.nanmin(least)) if np.isfinite(least).any() else math.nan:.4g}"


def goes_to(values: Array, limit: float, spread: float) -> bool:
    """Whether a sequence (n,) of values, at distances that grow by equal factors, goes to a limit."""
    if math.isinf(limit):
        values = math.copysign(1.0, limit) * values
        grown = np.diff(values[-3:])
        # A logarithm grows by the same amount each time.
        return bool(values[-1] == np.inf or (grown[1] > 0 and grown[1] > 0.5 * grown[0] > 0))
    away = np.abs(values - limit)
    return bool(away[-1] <= LEFT * spread and (away[-1] <= 1e-9 * spread or away[-1] <= away[-2]))


def along(expression: Expression, table: Dataset, i: int, at: Array) -> Array:
    """Values (rows, steps) along input i at these places (steps,), the others as in some rows."""
    others = some_rows(table) if len(table.inputs) > 1 else table.x[:1].copy()
    rows = np.repeat(others, len(at), axis=0)
    rows[:, i] = np.tile(at, len(others))
    return np.broadcast_to(evaluate(expression, rows), len(rows)).reshape(len(others), len(at))


def some_rows(table: Dataset) -> Array:
    """Inputs (n, d) of rows spread evenly over the table."""
    return table.x[np.unique(np.linspace(0, len(table.y) - 1, ROWS).astype(np.intp))].copy()


def through_of(text: str, table: Dataset) -> Through:
    """`0,0`: the inputs in their order and the target; or `x=0,y=0`."""
    parts = [part.strip() for part in text.split(",")]
    said = f"--through {text}"
    if all("=" in part for part in parts):
        named = {name.strip(): number(value, said) for name, _, value in (p.partition("=") for p in parts)}
        if table.target not in named or len(named) < 2:
            raise UsageError(f"{said}: has no value of {table.target}", f"write x=0,{table.target}=0")
        value = named.pop(table.target)
        return Through(said, {input_of(name, table, said): v for name, v in named.items()}, value)
    values = [number(part, said) for part in parts]
    if len(values) != len(table.inputs) + 1:
        raise UsageError(
            f"{said}: has {len(values)} numbers", f"one each for {', '.join((*table.inputs, table.target))}"
        )
    return Through(said, dict(enumerate(values[:-1])), values[-1])


def monotone_of(text: str, table: Dataset) -> Monotone:
    """`x:+` or `x:-`."""
    name, _, sign = (part.strip() for part in text.rpartition(":"))
    said = f"--monotone {text}"
    if sign not in ("+", "-"):
        raise UsageError(f"{said}: must end in :+ or :-", "x:+ rises with x, x:- falls")
    return Monotone(said, input_of(name, table, said), 1 if sign == "+" else -1)


def limit_of(text: str, table: Dataset) -> Limit:
    """`x->inf: 0`."""
    said = f"--limit {text}"
    place, colon, value = text.rpartition(":")
    name, arrow, to = place.partition("->")
    if not (colon and arrow):
        raise UsageError(f"{said}: must have the form INPUT->PLACE: VALUE", 'for example "x->inf: 0"')
    return Limit(said, input_of(name.strip(), table, said), number(to, said), number(value, said))


def number(text: str, said: str) -> float:
    """A number, or inf. Raises UsageError for anything else."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise UsageError(f"{said}: {text.strip()!r} is not a number") from None
    return value


def input_of(name: str, table: Dataset, said: str) -> int:
    """The index of an input. Raises UsageError where there is none of this name."""
    if name not in table.inputs:
        raise UsageError(f"{said}: {name!r} is no input", f"inputs: {', '.join(table.inputs)}")
    return table.inputs.index(name)
