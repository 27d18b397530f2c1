"""A picture as a value: shapes in a plane, y downwards. Backends draw it as SVG, in a terminal, by matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Point: TypeAlias = tuple[float, float]
Tone = Literal["ink", "soft", "frame", "link", "curve", "fit", "points", "held"]
"""What a shape means; each backend has its own colours for it."""


@dataclass(frozen=True)
class Polyline:
    points: tuple[Point, ...]
    tone: Tone = "ink"
    width: float = 1.5
    opacity: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Dots:
    """Many small marks of one kind."""

    points: tuple[Point, ...]
    tone: Tone = "points"
    radius: float = 1.6
    opacity: float = 0.6


@dataclass(frozen=True)
class Circle:
    """A node: filled, or hollow where nothing goes through it."""

    x: float
    y: float
    radius: float
    tone: Tone = "ink"
    filled: bool = True


@dataclass(frozen=True)
class Box:
    """A rectangle, x and y its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone = "frame"
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    """One line whose baseline is at y. `small` is four fifths of the ordinary size."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"
    tone: Tone = "ink"
    bold: bool = False
    small: bool = False


@dataclass(frozen=True)
class Group:
    """Shapes that are one thing: an edge, a node, a panel. `about` is shown where a pointer rests on it."""

    kind: str
    name: str
    shapes: tuple[Shape, ...]
    about: str = ""


Shape: TypeAlias = Polyline | Dots | Circle | Box | Text | Group


@dataclass(frozen=True)
class Scene:
    """Shapes on a sheet of `width` × `height`; `title` describes the picture in words."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...] = field(default=())


@dataclass(frozen=True)
class Style:
    """The properties of a backend that a layout depends on.

    `char`, `line`: size of a character, in the scene's units; `pad`: the distance of a frame from its contents;
    `cells`: characters are cells of a grid, in which nothing else can stand; `width`: of the whole sheet.
    """

    width: float
    char: float = 7.0
    line: float = 16.0
    pad: tuple[float, float] = (0.0, 0.0)
    cells: bool = False


PAGE = Style(width=640)


def terminal_style(columns: int) -> Style:
    """The style of a terminal: eight units per column and sixteen per line, so that dots are squares."""
    return Style(width=columns * 8.0, char=8.0, line=16.0, pad=(8.0, 16.0), cells=True)


def flat(shapes: Iterable[Shape]) -> Iterator[Polyline | Dots | Circle | Box | Text]:
    """The shapes inside all groups, in drawing order."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield from flat(shape.shapes)
        else:
            yield shape


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """The shape elsewhere."""
    match shape:
        case Polyline(points=points) | Dots(points=points):
            return replace(shape, points=tuple((x + dx, y + dy) for x, y in points))
        case Group(shapes=shapes):
            return replace(shape, shapes=tuple(moved(s, dx, dy) for s in shapes))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)
