"""The curve of each edge, with its partial residuals and the function that replaced it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kancli.report.axes import Frame, axis_of, tick_room
from kancli.report.panels import side_by_side
from kancli.report.scene import Dots, Group, Polyline, Scene, Shape, Style, Text
from kancli.report.values import EdgeView, nearness, shortened, shown_function


def edges(views: Sequence[EdgeView], style: Style) -> Scene:
    """One panel per edge, side by side as far as they fit."""
    shapes, height = side_by_side(views, panel, style)
    names = "edge" if len(views) == 1 else "edges"
    return Scene(style.width, height, f"{names} {' '.join(view.name for view in views)}", shapes)


def panel(view: EdgeView, width: float, style: Style) -> tuple[Group, float]:
    """The picture of one edge, and its height."""
    (dx, dy), line = style.pad, style.line
    inside = 9 * line if style.cells else max(110.0, min(width * 0.62, 300.0))
    low, high = float(view.y.min()), float(view.y.max())
    up = axis_of([low, high, *_near(view, low, high)], margin=0.06)
    room = tick_room(up, inside, style)
    left = (room // 8 + 1) * 8 if style.cells else room + 4
    top = line + dy if style.cells else 1.6 * line
    frame = Frame(
        left,
        top,
        width - left - (dx + 8 if style.cells else 14),
        inside,
        axis_of(view.x, view.variable),
        up,
        style,
    )
    about = heading(view)
    room_for = int((width - (left - dx)) / style.char)
    shapes: list[Shape] = [
        *frame.shapes(),
        Text(
            left - dx,
            line - (0 if style.cells else 2),
            shortened(about, room_for),
            "start",
            "ink",
            small=True,
        ),
    ]
    inner = [(x, y) for x, y in view.points.tolist() if up.low <= y <= up.high]
    if inner:
        shapes.append(Dots(frame.line([p[0] for p in inner], [p[1] for p in inner]), "points", 2.6, 0.45))
    shapes.append(Polyline(frame.line(view.x, view.y), "curve", 2.0))
    if view.fit is not None:
        good = np.isfinite(view.fit)
        shapes.append(Polyline(frame.line(view.x[good], view.fit[good]), "fit", 1.8, dashed=True))
    height = top + inside + dy + (2 * line if style.cells else 2.4 * line)
    return Group("panel", view.name, tuple(shapes), about), height


def heading(view: EdgeView) -> str:
    """`0,1,4 · x² · r² 1−3e-11`."""
    if not view.symbolic:
        return f"{view.name} · spline"
    others = [",".join(map(str, edge)) for edge in view.joined if ",".join(map(str, edge)) != view.name]
    if others:
        return f"{view.name} · with {' and '.join(others)} {shown_function(view.function or '')}"
    quality = "" if view.r2 is None else f" · r² {nearness(view.r2)}"
    return f"{view.name} · {shown_function(view.function or '')}{quality}"


def _near(view: EdgeView, low: float, high: float) -> list[float]:
    """The heights of data points that are not far off the curve: a few wild ones would flatten it."""
    room = 0.35 * (high - low) or 1.0
    return [y for y in view.points[:, 1].tolist() if low - room <= y <= high + room]
