"""A network as a diagram: inputs below, the target above, each edge's curve in a little box on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kancli.report.axes import axis_of
from kancli.report.scene import Box, Circle, Group, Point, Polyline, Scene, Shape, Style, Text
from kancli.report.values import EdgeView, NetworkView, nearness, shortened, shown_function

# An edge without effect is still visible.
FAINTEST = 0.18


@dataclass(frozen=True)
class Sizes:
    """How large a box is, the heights between things, and how large a node is. A `label` of 0 is none."""

    box: tuple[float, float]
    label: float
    gap: float
    above: float
    below: float
    node: float


def network(view: NetworkView, style: Style) -> Scene:
    """The diagram. In a terminal, edges that are too many for boxes are drawn without."""
    most = max(sum(e.layer == layer for e in view.edges) for layer in range(len(view.width) - 1))
    sizes = _sizes(view, style, most)
    width = style.width
    if not style.cells:
        caption = (len(f"{view.target} = {view.formula}") + 4) * style.char if view.formula else 0.0
        width = max(min(style.width, max(caption, 420.0)), most * (sizes.box[0] + 16) + 32)
    step = sizes.gap * 2 + (sizes.box[1] + sizes.label if sizes.box[0] else 0)
    depth = len(view.width) - 1
    places: dict[tuple[int, int], Point] = {}
    for layer in range(depth + 1):
        nodes = view.nodes(layer)
        y = sizes.above + (depth - layer) * step
        for i, node in enumerate(nodes):
            places[layer, node] = ((i + 0.5) / len(nodes) * width, y)
    shapes: list[Shape] = []
    for layer in range(depth):
        shapes += _layer(view, layer, places, width, step, sizes, style)
    shapes += _nodes(view, places, sizes, style)
    height = sizes.above + depth * step + sizes.below
    for line in _captions(view, bool(sizes.box[0])):
        height += style.line
        room = int(width / style.char) - 2
        shapes.append(
            Text(
                width / 2, height - (0 if style.cells else 10), shortened(line, room), tone="soft", small=True
            )
        )
    title = f"network {','.join(map(str, view.width))} with {len(view.edges)} edges, from {', '.join(view.inputs)} "
    return Scene(width, height, f"{title}to {view.target}", tuple(shapes))


def _sizes(view: NetworkView, style: Style, most: int) -> Sizes:
    symbolic = any(e.symbolic for e in view.edges)
    if not style.cells:
        wide = 84.0 if most <= 6 else 64.0 if most <= 12 else 48.0
        return Sizes((wide, wide * 0.7), 16.0 if symbolic else 0.0, 30.0, 52.0, 30.0, 4.5)
    cells = min(16, int(style.width / style.char / most) - 2)
    if cells < 3:
        return Sizes((0, 0), 0, 3 * style.line, 1.5 * style.line, 1.5 * style.line, 4)
    lines = max(3, round(cells * 0.32))
    label = style.line if symbolic else 0.0
    gap = (1.5 if most < 8 else 2.5) * style.line
    return Sizes((cells * style.char, lines * style.line), label, gap, 1.5 * style.line, 1.5 * style.line, 4)


def _layer(
    view: NetworkView,
    layer: int,
    places: dict[tuple[int, int], Point],
    width: float,
    step: float,
    sizes: Sizes,
    style: Style,
) -> list[Shape]:
    """The edges of one layer, in an order in which few lines cross."""

    def middle(edge: EdgeView) -> tuple[float, int, int]:
        # The source counts a little as well: the boxes of one target are in the order of their sources.
        ends = places[layer, edge.source][0] * 1.001 + places[layer + 1, edge.target][0]
        return ends, edge.source, edge.target

    edges = sorted((e for e in view.edges if e.layer == layer), key=middle)
    shapes: list[Shape] = []
    for i, edge in enumerate(edges):
        start, end = places[layer, edge.source], places[layer + 1, edge.target]
        x = (i + 0.5) / len(edges) * width
        shapes.append(_edge(edge, start, end, x, start[1] - step / 2, sizes, style))
    return shapes


def _edge(edge: EdgeView, start: Point, end: Point, x: float, y: float, sizes: Sizes, style: Style) -> Group:
    """An edge: a line, and half way, around (x, y), its box."""
    strength = opacity(edge.strength)
    wide, high = sizes.box
    about = f"edge {edge.name}: {edge.function or 'spline'}, strength {edge.strength:.2f}"
    if edge.symbolic and edge.r2 is not None:
        about += f", r² {nearness(edge.r2)}"
    if not wide:
        return Group("edge", edge.name, (Polyline((start, end), "link", 1.4, strength),), about)
    whole = high + sizes.label
    left, top = x - wide / 2, y - whole / 2
    if style.cells:
        left, top = round(left / style.char) * style.char, round(top / style.line) * style.line
        x = left + wide / 2
    shapes: list[Shape] = [
        Polyline((start, (x, top + whole)), "link", 1.4, strength),
        Polyline(((x, top), end), "link", 1.4, strength),
    ]
    inset = 0.0 if style.cells else 6.0
    if not style.cells:
        shapes.append(Box(left, top, wide, whole, "fit" if edge.symbolic else "link", max(strength, 0.4)))
    across, up = axis_of(edge.x, margin=0), axis_of(edge.y, margin=0)
    points = tuple(
        (
            left + inset + across.place(u) * (wide - 2 * inset - 1),
            top + inset + (1 - up.place(v)) * (high - 2 * inset - 1),
        )
        for u, v in zip(edge.x.tolist(), edge.y.tolist(), strict=True)
    )
    shapes.append(Polyline(points, "curve", 2.0, max(strength, 0.35)))
    if edge.symbolic and sizes.label:
        fits = int(wide / style.char * (1 if style.cells else 1.2))
        name = shortened(shown_function(edge.function or ""), fits)
        shapes.append(Text(x, top + whole - (0 if style.cells else 5), name, tone="fit", small=True))
    return Group("edge symbolic" if edge.symbolic else "edge", edge.name, tuple(shapes), about)


def _nodes(
    view: NetworkView, places: dict[tuple[int, int], Point], sizes: Sizes, style: Style
) -> list[Shape]:
    ends = {(e.layer, e.source) for e in view.edges} | {(e.layer + 1, e.target) for e in view.edges}
    shapes: list[Shape] = []
    for (layer, node), (x, y) in places.items():
        parts: list[Shape] = []
        if node in view.products[layer]:
            parts.append(Circle(x, y, sizes.node * 1.9, "ink", filled=False))
            parts.append(Text(x, y if style.cells else y + 4.5, "×", bold=True))
        else:
            parts.append(Circle(x, y, sizes.node, "ink", filled=(layer, node) in ends))
        if layer == 0:
            room = int(2 * places[0, 0][0] / style.char) - 1
            name = shortened(view.inputs[node], max(room, 1))
            parts.append(Text(x, y + (style.line if style.cells else 20), name, bold=True))
        if layer == len(view.width) - 1:
            parts.append(Text(x, y - (8 if style.cells else 14), view.target, bold=True))
        kind = "node product" if node in view.products[layer] else "node"
        shapes.append(Group(kind, f"{layer},{node}", tuple(parts)))
    return shapes


def _captions(view: NetworkView, boxes: bool) -> list[str]:
    """What stands below the diagram."""
    lines = [f"{view.target} = {view.formula}"] if view.formula else []
    chains = dict.fromkeys((e.joined, e.function) for e in view.edges if e.joined)
    for edges, function in chains:
        names = " and ".join(",".join(map(str, edge)) for edge in edges)
        lines.append(f"{names} together became {shown_function(function or 'spline')}")
    if not boxes:
        lines.append(f"{len(view.edges)} edges: --kind edges shows their curves")
    return lines


def opacity(strength: float) -> float:
    """How dark an edge is drawn: as in pykan, by the hyperbolic tangent of its strength."""
    return FAINTEST + (1 - FAINTEST) * math.tanh(3 * strength) / math.tanh(3)
