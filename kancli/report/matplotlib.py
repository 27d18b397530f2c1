"""A scene as PNG or PDF, drawn by matplotlib (the extra `plot`)."""

from __future__ import annotations

import io
from typing import Any, Literal

from kancli.errors import MissingDependencyError
from kancli.report.scene import Box, Circle, Dots, Polyline, Scene, Text, flat
from kancli.report.svg import LIGHT

# Of the scene's units in an inch, as in SVG; PNG has twice as many dots.
UNITS = 96.0
FINER = 2


def image(scene: Scene, format: Literal["png", "pdf"]) -> bytes:
    """The picture in light colours. Raises MissingDependencyError where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingDependencyError(
            f"{format.upper()} pictures need matplotlib", "pip install 'kancli[plot]', or write .svg"
        ) from missing
    figure = Figure(figsize=(scene.width / UNITS, scene.height / UNITS), dpi=UNITS * FINER)
    FigureCanvasAgg(figure)
    figure.patch.set_facecolor(LIGHT["paper"])
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    for order, shape in enumerate(flat(scene.shapes)):
        _draw(axes, shape, order + 1)
    target = io.BytesIO()
    # Without the date, the same picture has the same bytes.
    metadata = {"CreationDate": None} if format == "pdf" else {"Title": scene.title}
    figure.savefig(target, format=format, metadata=metadata)
    return target.getvalue()


def _points(units: float) -> float:
    """Scene units as printer's points."""
    return units / UNITS * 72


def _draw(axes: Any, shape: Polyline | Dots | Circle | Box | Text, order: int) -> None:
    from matplotlib.patches import Circle as Disc
    from matplotlib.patches import FancyBboxPatch

    colour = LIGHT[shape.tone]
    match shape:
        case Polyline():
            x, y = zip(*shape.points, strict=True)
            axes.plot(
                x, y, color=colour, alpha=shape.opacity, linewidth=_points(shape.width), zorder=order,
                linestyle=(0, (4, 3)) if shape.dashed else "-", solid_capstyle="round",
            )  # fmt: skip
        case Dots():
            if shape.points:
                x, y = zip(*shape.points, strict=True)
                size = _points(2 * shape.radius) ** 2
                axes.scatter(x, y, s=size, color=colour, alpha=shape.opacity, linewidths=0, zorder=order)
        case Circle():
            face = colour if shape.filled else LIGHT["paper"]
            axes.add_patch(
                Disc((shape.x, shape.y), shape.radius, facecolor=face, edgecolor=colour, zorder=order)
            )
        case Box():
            axes.add_patch(
                FancyBboxPatch(
                    (shape.x, shape.y), shape.width, shape.height, boxstyle="round,pad=0,rounding_size=2",
                    facecolor=LIGHT["paper"], edgecolor=colour, alpha=shape.opacity, linewidth=_points(1),
                    zorder=order,
                )
            )  # fmt: skip
        case Text():
            align = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
            axes.text(
                shape.x, shape.y, shape.text, color=colour, ha=align, va="baseline", zorder=order,
                fontsize=_points(11 if shape.small else 13), fontweight="bold" if shape.bold else "normal",
                parse_math=False,
            )  # fmt: skip
