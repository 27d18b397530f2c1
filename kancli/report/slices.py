"""Data and law in the user's own units: over each input, the others held at their middle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kancli.report.axes import Axis, Frame, axis_of, tick_room
from kancli.report.panels import side_by_side
from kancli.report.scene import Dots, Group, Polyline, Scene, Shape, Style, Text
from kancli.report.values import Array, SliceView, shortened

# A column that spans so large a factor is drawn over its powers of ten.
DECADES = 100.0
# Points that lie farther from the law than all of this share of it do not set the scale.
WILD = 0.005
ROOM = 0.06


def fit(views: Sequence[SliceView], style: Style) -> Scene:
    """One panel per input: the law as a line, its band of errors dashed, rows as dots."""
    shapes, height = side_by_side(views, panel, style, most=2)
    inputs = ", ".join(view.variable for view in views)
    return Scene(style.width, height, f"{views[0].target} over {inputs}: data and law", shapes)


def panel(view: SliceView, width: float, style: Style) -> tuple[Group, float]:
    """The picture of one input, and its height."""
    (dx, dy), line = style.pad, style.line
    inside = 11 * line if style.cells else max(130.0, min(width * 0.55, 300.0))
    up = upright(view)
    room = tick_room(up, inside, style)
    left = (room // 8 + 1) * 8 if style.cells else room + 4
    top = line + dy if style.cells else 1.6 * line
    across = axis_of(np.concatenate([view.points_x, view.x]), view.variable, log=over_decades(view.points_x))
    frame = Frame(left, top, width - left - (dx + 8 if style.cells else 14), inside, across, up, style)
    room_for = int((width - (left - dx)) / style.char)
    heading = f"{view.target}{'' if not view.middle else ' at ' + view.middle}"
    base = line - (0 if style.cells else 2)
    shapes: list[Shape] = [
        *frame.shapes(),
        Text(left - dx, base, shortened(heading, room_for), "start", "ink", small=True),
    ]
    inner = inside_of(view.points_x, across) & inside_of(view.points_y, up)
    for chosen, tone in ((~view.held_out & inner, "curve"), (view.held_out & inner, "held")):
        if chosen.any():
            places = frame.line(view.points_x[chosen], view.points_y[chosen])
            shapes.append(Dots(places, tone, 1.9, 0.5))  # type: ignore[arg-type]
    if view.band is not None:
        for edge in view.band:
            shapes += curve(frame, view.x, edge, Polyline((), "soft", 1.2, dashed=True))
    shapes += curve(frame, view.x, view.y, Polyline((), "fit", 2.0))
    height = top + inside + dy + (2 * line if style.cells else 2.6 * line)
    return Group("panel", view.variable, tuple(shapes), heading), height


def curve(frame: Frame, x: Array, y: Array, how: Polyline) -> list[Shape]:
    """A curve in pieces: it breaks where it has no value or leaves the frame."""
    good = np.isfinite(y) & inside_of(y, frame.up)
    pieces = np.split(np.arange(len(x)), np.flatnonzero(np.diff(good.astype(int))) + 1)
    return [
        Polyline(frame.line(x[piece], y[piece]), how.tone, how.width, how.opacity, how.dashed)
        for piece in pieces
        if len(piece) > 1 and good[piece[0]]
    ]


def upright(view: SliceView) -> Axis:
    """The axis of the target: all of the curve, and the points but for a few wild ones."""
    points = view.points_y[np.isfinite(view.points_y)]
    low, high = (
        np.quantile(points, (WILD, 1 - WILD)) if len(points) > 1 / WILD else (points.min(), points.max())
    )
    y = view.y[np.isfinite(view.y)]
    reach = high - low
    near = y[(y >= low - reach) & (y <= high + reach)]
    seen = np.concatenate([[low, high], near])
    if over_decades(seen) and over_decades(points):
        return axis_of(seen[seen > 0], log=True)
    return axis_of(seen, margin=ROOM)


def over_decades(values: Array) -> bool:
    """Whether a column is one of powers of ten: all of one sign, over two decades or more."""
    low, high = float(np.min(values)), float(np.max(values))
    return low > 0 and high >= DECADES * low


def inside_of(values: Array, axis: Axis) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which values lie on an axis."""
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (values >= axis.low) & (values <= axis.high)
    return found
