"""Panels side by side: as many in a row as the sheet has room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kancli.report.scene import Group, Shape, Style, moved

View = TypeVar("View")

# The least width of a panel: characters of a terminal, units of a page; and how many stand side by side at most.
LEAST_CELLS, LEAST_WIDTH, MOST = 38, 200.0, 4


def side_by_side(
    views: Sequence[View],
    panel: Callable[[View, float, Style], tuple[Group, float]],
    style: Style,
    most: int = MOST,
) -> tuple[tuple[Shape, ...], float]:
    """The panels of all views, and the height of the sheet that they fill; `panel` draws one of a given width and
    returns it with its height."""
    least = LEAST_CELLS * style.char if style.cells else LEAST_WIDTH
    across = max(1, min(len(views), int(style.width // least), most))
    width = style.width / across
    if style.cells:
        width = width // style.char * style.char
    shapes: list[Shape] = []
    height = 0.0
    for start in range(0, len(views), across):
        row = [panel(view, width, style) for view in views[start : start + across]]
        shapes += [moved(shape, i * width, height) for i, (shape, _) in enumerate(row)]
        height += max(tall for _, tall in row)
    return tuple(shapes), height
