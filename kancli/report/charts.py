"""Loss over steps, predicted against measured, residuals, and the front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kancli.report.axes import Axis, Frame, axis_of, tick_room
from kancli.report.scene import Circle, Dots, Point, Polyline, Scene, Shape, Style, Text, Tone
from kancli.report.values import (
    Array,
    FrontView,
    LossView,
    PredictionView,
    finite_rows,
    nearness,
    shortened,
)

# At most so many rows are drawn, evenly chosen.
MOST_POINTS = 1500
# An exact formula has an error of zero, which has no place on a logarithmic axis.
LEAST = 1e-16


def parity(view: PredictionView, style: Style) -> Scene:
    """Predicted against measured, a diagonal where both are the same."""
    measured, predicted, held = _rows(view)
    title = f"{view.target}: predicted by the {view.model} against measured"
    both = np.concatenate([measured, predicted])
    across, up = axis_of(both, f"measured {view.target}"), axis_of(both)
    frame, height, shapes = _sheet(style, across, up, f"predicted {view.target}, r² {_r2(view)}")
    ends = (across.low, across.high)
    shapes.append(Polyline(frame.line(ends, ends), "soft", 1, dashed=True))
    shapes += _two_kinds(frame, measured, predicted, held, style, height)
    return Scene(style.width, height, title, tuple(shapes))


def residuals(view: PredictionView, style: Style) -> Scene:
    """Measured minus predicted values over predicted values; two standard deviations are marked."""
    measured, predicted, held = _rows(view)
    rest = measured - predicted
    spread = float(np.sqrt(np.mean(rest**2)))
    title = f"{view.target}: measured minus predicted by the {view.model}"
    across = axis_of(predicted, f"predicted {view.target}")
    up = axis_of(np.concatenate([rest, [2 * spread, -2 * spread]]))
    frame, height, shapes = _sheet(style, across, up, f"residual of {view.target}, rmse {spread:.3g}")
    for level in (0.0, 2 * spread, -2 * spread):
        ends = frame.line((across.low, across.high), (level, level))
        shapes.append(Polyline(ends, "soft", 1, dashed=level != 0))
    shapes += _two_kinds(frame, predicted, rest, held, style, height)
    return Scene(style.width, height, title, tuple(shapes))


def loss(view: LossView, style: Style) -> Scene:
    """The error over the steps of each stage: one band per stage, all of the same width."""
    title = f"root mean square error of {view.target} over the steps of each stage"
    errors = [error for _, steps in view.stages for _, error in steps]
    least = min((error for error in errors if error > 0), default=1.0)
    # An error of zero has no logarithm: it is drawn a little below all others, with a label.
    up = axis_of([max(error, least / 10) for error in errors], log=True)
    across = Axis(0.0, float(len(view.stages)))
    frame, height, shapes = _sheet(style, across, up, f"rmse of {view.target}", ticks=False)
    before: list[Point] = []
    for band, (name, steps) in enumerate(view.stages):
        first, last = steps[0][0], steps[-1][0]
        x = [band + (0.92 if last == first else 0.08 + 0.84 * (s - first) / (last - first)) for s, _ in steps]
        places = frame.line(x, [max(error, least / 10) for _, error in steps])
        if band:
            side = frame.at(band, up.low)[0]
            shapes.append(Polyline(((side, frame.y), (side, frame.y + frame.height)), "frame", 1))
        shapes.append(Polyline((*before, places[0]), "soft", 1, dashed=True))
        shapes.append(Polyline(places, "curve", 1.8))
        shapes.append(Dots(places, "curve", 2.5, 1.0))
        before = [places[-1]]
        if steps[-1][1] <= 0:
            word = Text(places[-1][0] - style.char, places[-1][1] + 4, "0", "end", "fit", small=True)
            shapes.append(word)
        middle = frame.at(band + 0.5, up.low)[0]
        base = frame.y + frame.height + style.pad[1] + style.line
        shapes.append(Text(middle, base, name, tone="soft", small=True))
    return Scene(style.width, height, title, tuple(shapes))


def front(view: FrontView, style: Style) -> Scene:
    """1 - r² over complexity, and the formulas below."""
    formulas = sorted(view.formulas)
    title = f"formulas for {view.target}: the unexplained share over complexity"
    x = np.array([float(f[0]) for f in formulas])
    y = np.maximum([f[1] for f in formulas], LEAST)
    across = replace(axis_of([*x, x.min() - 1, x.max() + 1], "complexity"), whole=True)
    up = axis_of([*y, 0.1], log=True)
    frame, height, shapes = _sheet(style, across, up, "1 − r²")
    places = frame.line(x, y)
    shapes.append(Polyline(places, "soft", 1, dashed=True))
    for place, (_, _, _, chosen) in zip(places, formulas, strict=True):
        shapes.append(Circle(*place, 4.0, "fit" if chosen else "curve", chosen))
    below = height
    room = int((style.width - 2 * style.char) / style.char)
    for complexity, error, formula, chosen in formulas:
        below += style.line
        mark = "●" if chosen else "○"
        line = f"{mark} {complexity} · r² {nearness(1 - error)} · {view.target} = {formula}"
        tone: Tone = "fit" if chosen else "soft"
        shapes.append(Text(style.char, below - 4, shortened(line, room), "start", tone, small=True))
    return Scene(style.width, below + (0 if style.cells else style.line / 2), title, tuple(shapes))


def _sheet(
    style: Style, across: Axis, up: Axis, name: str, *, ticks: bool = True
) -> tuple[Frame, float, list[Shape]]:
    """A frame as wide as the sheet, the sheet's height, and what belongs to both. `name` stands above."""
    (dx, dy), line = style.pad, style.line
    inside = 14 * line if style.cells else 300.0
    room = tick_room(up, inside, style)
    left = (room // 8 + 1) * 8 if style.cells else room + 8
    top = 1.5 * line if not style.cells else line + dy
    right = dx if style.cells else 18.0
    frame = Frame(left, top, style.width - left - right, inside, across, up, style)
    height = top + inside + dy + (2 * line if style.cells else 2.6 * line)
    title = Text(left - dx, line - (0 if style.cells else 2), name, "start", "soft", small=True)
    return frame, height, [*frame.shapes(ticks), title]


def _two_kinds(frame: Frame, x: Array, y: Array, held: Array, style: Style, height: float) -> list[Shape]:
    """Fitted and held-out rows as dots of two colours, with a legend."""
    fitted = frame.line(x[held == 0], y[held == 0])
    shapes: list[Shape] = [Dots(fitted, "curve", 1.8, 0.55)]
    if not held.any():
        return shapes
    shapes.append(Dots(frame.line(x[held == 1], y[held == 1]), "held", 1.8, 0.8))
    if style.width < 40 * style.char:
        return shapes
    right, base = frame.x + frame.width, height - (0 if style.cells else 8)
    words = (("held out", "held"), ("fitted", "curve"))
    for word, tone in words:
        shapes.append(Text(right, base, word, "end", tone, small=True))  # type: ignore[arg-type]
        right -= (len(word) + 2) * style.char
    return shapes


def _rows(view: PredictionView) -> tuple[Array, Array, Array]:
    measured, predicted, held = finite_rows(view.measured, view.predicted, view.held_out.astype(float))
    every = max(1, -(-len(measured) // MOST_POINTS))
    return measured[::every], predicted[::every], held[::every]


def _r2(view: PredictionView) -> str:
    measured, predicted = finite_rows(view.measured, view.predicted)
    spread = float(np.sum((measured - measured.mean()) ** 2))
    return nearness(1 - float(np.sum((measured - predicted) ** 2)) / spread if spread > 0 else None)
