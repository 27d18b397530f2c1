"""A frame with two axes: the positions of numbers in a picture, and the ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kancli.report.scene import Box, Point, Polyline, Shape, Style, Text
from kancli.report.values import Array

# An axis spans at least this share of the largest number on it: smaller differences are rounding.
FLAT = 1e-12


@dataclass(frozen=True)
class Axis:
    """The numbers from `low` to `high` on a line; with `log` both are positive and powers count, with `whole`
    only whole numbers are written."""

    low: float
    high: float
    name: str = ""
    log: bool = False
    whole: bool = False

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high one."""
        if self.log:
            span = math.log(self.high / self.low)
            return math.log(max(value, self.low) / self.low) / span
        return (value - self.low) / (self.high - self.low)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """About `count` round numbers on the axis, and how they are written."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, math.ceil((last - first + 1) / max(count, 1)))
            powers = [p for p in range(first, last + 1) if p % every == 0]
            if len(powers) > 1:
                return [(10.0**p, f"{10.0**p:g}") for p in powers]
            between = [m * 10.0**p for p in range(first - 1, last + 1) for m in (1, 2, 5)]
            inside = [v for v in between if self.low <= v <= self.high]
            return [(v, f"{v:.3g}") for v in inside or (self.low, self.high)]
        step = round_step((self.high - self.low) / max(count, 1))
        step = max(step, 1.0) if self.whole else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(i * step, f"{i * step:.6g}" if i else "0") for i in range(first, last + 1)]


def round_step(step: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least as large."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9))


def axis_of(
    values: Sequence[float] | Array, name: str = "", *, log: bool = False, margin: float = 0.04
) -> Axis:
    """The axis on which all the values lie, with a little room."""
    low, high = float(min(values)), float(max(values))
    if log:
        low, high = low / 1.6, high * 1.6
        return Axis(low, high if high > low else low * 10, name, True)
    least = max(abs(low), abs(high)) * FLAT
    if high - low <= least:
        room = abs(low) * 0.1 or 1.0
    else:
        room = (high - low) * margin
    return Axis(low - room, high + room, name)


@dataclass(frozen=True)
class Frame:
    """A plot's inside, and its axes. `shapes` draws the frame around it."""

    x: float
    y: float
    width: float
    height: float
    across: Axis
    up: Axis
    style: Style

    def at(self, x: float, y: float) -> Point:
        """Where a pair of numbers lies; beyond the axes at the edge."""
        u = min(max(self.across.place(x), 0.0), 1.0)
        v = min(max(self.up.place(y), 0.0), 1.0)
        # One unit less, so that the end of an axis is still inside.
        return self.x + u * (self.width - 1), self.y + (1 - v) * (self.height - 1)

    def line(self, x: Sequence[float] | Array, y: Sequence[float] | Array) -> tuple[Point, ...]:
        """The same for many."""
        return tuple(self.at(float(a), float(b)) for a, b in zip(x, y, strict=True))

    def shapes(self, numbers_below: bool = True) -> list[Shape]:
        """The frame, ticks with their numbers, and the name of the axis below."""
        style, (dx, dy) = self.style, self.style.pad
        found: list[Shape] = [Box(self.x - dx, self.y - dy, self.width + 2 * dx, self.height + 2 * dy)]
        bottom, left = self.y + self.height + dy, self.x - dx
        ends = 0.0
        below = self.across.ticks(max(2, int(self.width / (8 * style.char)))) if numbers_below else []
        for value, text in below:
            x = self.at(value, self.up.low)[0]
            if x - len(text) * style.char / 2 < ends:
                continue
            ends = x + (len(text) / 2 + 1) * style.char
            if not style.cells:
                found.append(Polyline(((x, bottom), (x, bottom + 4)), "frame", 1))
            found.append(
                Text(
                    x, bottom + style.line * (1 if style.cells else 1.05), text, "middle", "soft", small=True
                )
            )
        for value, text in self.up.ticks(max(3, int(self.height / (2.2 * style.line)))):
            y = self.at(self.across.low, value)[1]
            if not style.cells:
                found.append(Polyline(((left - 4, y), (left, y)), "frame", 1))
            base = (y // style.line + 1) * style.line if style.cells else y + 4
            found.append(Text(left - (0 if style.cells else 7), base, text, "end", "soft", small=True))
        name = Text(
            self.x + self.width / 2, bottom + style.line * 2, self.across.name, "middle", "soft", small=True
        )
        return [*found, name] if self.across.name else found


def tick_room(up: Axis, height: float, style: Style) -> float:
    """How much room the numbers of an upright axis need, with the frame's own."""
    ticks = up.ticks(max(3, int(height / (2.2 * style.line))))
    longest = max((len(text) for _, text in ticks), default=0)
    return longest * style.char + style.pad[0] + (0 if style.cells else 10)
