"""A scene as SVG text: no script, no font or link from outside; light or dark as set in the browser."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from kancli.report.scene import Box, Circle, Dots, Point, Polyline, Scene, Shape, Text

NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "soft": "#59636e",
    "frame": "#c5ccd3",
    "link": "#1f2328",
    "curve": "#0a5bc4",
    "fit": "#d4500c",
    "points": "#7c8791",
    "held": "#8b3fc0",
}
DARK = {
    "paper": "#0d1117",
    "ink": "#e6edf3",
    "soft": "#9198a1",
    "frame": "#3d444d",
    "link": "#d1d7e0",
    "curve": "#6cb6ff",
    "fit": "#ffa657",
    "points": "#8b949e",
    "held": "#d2a8ff",
}


def style_sheet() -> str:
    """The rules that the classes in a picture refer to."""

    def colours(palette: dict[str, str]) -> str:
        return "".join(
            f".kan .s-{tone}{{stroke:{colour}}}.kan .f-{tone}{{fill:{colour}}}"
            for tone, colour in palette.items()
        )

    return (
        f".kan text{{font-family:{FONT};font-size:13px}}.kan .small{{font-size:11px}}.kan .bold{{font-weight:600}}"
        f".kan .n{{fill:none;stroke-linejoin:round;stroke-linecap:round}}{colours(LIGHT)}"
        f"@media (prefers-color-scheme:dark){{{colours(DARK)}}}"
    )


def svg(scene: Scene, *, inline: bool = False) -> str:
    """The picture as one `<svg>` element; `inline` leaves the rules to the page around it."""
    size = f'width="{_n(scene.width)}" height="{_n(scene.height)}"'
    box = f'viewBox="0 0 {_n(scene.width)} {_n(scene.height)}"'
    head = f'<svg xmlns="{NAMESPACE}" class="kan" role="img" {size} {box}>'
    rules = "" if inline else f"<style>{style_sheet()}</style>\n"
    paper = f'<rect class="f-paper" {size} rx="6"/>\n'
    title = f"<title>{_text(scene.title)}</title>\n"
    return f"{head}\n{title}{rules}{paper}{_shapes(scene.shapes)}</svg>\n"


def _shapes(shapes: Iterable[Shape]) -> str:
    return "".join(_shape(shape) + "\n" for shape in shapes)


def _shape(shape: Shape) -> str:
    match shape:
        case Polyline():
            dash = ' stroke-dasharray="5 4"' if shape.dashed else ""
            return (
                f'<path class="n s-{shape.tone}" stroke-width="{_n(shape.width)}"{_opacity(shape.opacity)}{dash} '
                f'd="{_path(shape.points)}"/>'
            )
        case Dots():
            # A line of no length with round ends is a dot: one element for all of them.
            marks = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in shape.points)
            return (
                f'<path class="n s-{shape.tone}" stroke-width="{_n(2 * shape.radius)}"{_opacity(shape.opacity)} '
                f'd="{marks}"/>'
            )
        case Circle():
            fill = f"f-{shape.tone}" if shape.filled else "f-paper"
            return (
                f'<circle class="{fill} s-{shape.tone}" stroke-width="1.2" cx="{_n(shape.x)}" cy="{_n(shape.y)}" '
                f'r="{_n(shape.radius)}"/>'
            )
        case Box():
            return (
                f'<rect class="f-paper s-{shape.tone}"{_opacity(shape.opacity, "stroke-opacity")} x="{_n(shape.x)}" '
                f'y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}" rx="2"/>'
            )
        case Text():
            weight = " bold" * shape.bold + " small" * shape.small
            return (
                f'<text class="f-{shape.tone}{weight}" text-anchor="{shape.anchor}" x="{_n(shape.x)}" '
                f'y="{_n(shape.y)}">{_text(shape.text)}</text>'
            )
    about = f"<title>{_text(shape.about)}</title>" if shape.about else ""
    head = f'<g class="{escape(shape.kind)}" data-name="{_text(shape.name)}">{about}'
    return f"{head}\n{_shapes(shape.shapes)}</g>"


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _opacity(value: float, attribute: str = "opacity") -> str:
    return "" if value >= 1 else f' {attribute}="{value:.2f}"'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML cannot hold at all."""
    return escape("".join(c if c.isprintable() else " " for c in text))
