"""A scene in a terminal: braille dots, two by four in a character, or plain ASCII."""

from __future__ import annotations

from collections.abc import Iterator

from kancli.report.scene import Box, Circle, Dots, Point, Polyline, Scene, Text, Tone, flat

# Units of the scene in one character, across and down; see `terminal_style`.
ACROSS, DOWN = 8.0, 16.0
# The dot in column c, row r of a braille character is this bit of its code point.
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BRAILLE = 0x2800
COLOURS: dict[Tone, str] = {
    "soft": "2",
    "frame": "2",
    "link": "2",
    "curve": "36",
    "fit": "33",
    "points": "2",
    "held": "35",
}
FRAME = {"corners": "┌┐└┘", "across": "─", "down": "│"}
PLAIN = str.maketrans("┌┐└┘─│●○×²³−…·≈", "++++-|oox23-.*~")


class Grid:
    """Cells of a terminal, each with dots or a character, and a tone."""

    def __init__(self, columns: int, lines: int, plain: bool) -> None:
        self.columns, self.lines, self.plain = columns, lines, plain
        self.dots: dict[tuple[int, int], int] = {}
        self.marks: dict[tuple[int, int], str] = {}
        self.tones: dict[tuple[int, int], Tone] = {}

    def put(self, column: int, line: int, mark: str, tone: Tone) -> None:
        """A character in a cell, where there is such a cell."""
        if 0 <= column < self.columns and 0 <= line < self.lines:
            self.marks[column, line] = mark
            self.tones[column, line] = tone

    def dot(self, point: Point, tone: Tone, mark: str) -> None:
        """A dot at a place of the scene; in ASCII `mark`."""
        column, line = int(point[0] // ACROSS), int(point[1] // DOWN)
        if self.plain:
            if mark != "." or (column, line) not in self.marks:
                self.put(column, line, mark, tone)
        elif 0 <= column < self.columns and 0 <= line < self.lines:
            c, r = int(point[0] % ACROSS // (ACROSS / 2)), int(point[1] % DOWN // (DOWN / 4))
            self.dots[column, line] = self.dots.get((column, line), 0) | BITS[r][c]
            if tone not in ("points", "link", "frame") or (column, line) not in self.tones:
                self.tones[column, line] = tone

    def rows(self, color: bool) -> Iterator[str]:
        """The lines, without blanks at their ends."""
        for line in range(self.lines):
            text, current = "", ""
            cells = [c for c in range(self.columns) if (c, line) in self.marks or (c, line) in self.dots]
            for column in range(max(cells, default=-1) + 1):
                bits = self.dots.get((column, line))
                mark = self.marks.get((column, line)) or (chr(BRAILLE + bits) if bits else " ")
                tone = self.tones.get((column, line))
                code = COLOURS.get(tone, "") if color and tone and mark != " " else ""
                if code != current and mark != " ":
                    text += ("\x1b[0m" if current else "") + (f"\x1b[{code}m" if code else "")
                    current = code
                text += mark
            yield text + ("\x1b[0m" if current else "")


def draw(scene: Scene, *, color: bool = False, plain: bool = False) -> str:
    """The scene in lines; `plain` for terminals that show ASCII only."""
    grid = Grid(round(scene.width / ACROSS), round(scene.height / DOWN), plain)
    shapes = list(flat(scene.shapes))
    for shape in shapes:
        if isinstance(shape, Polyline):
            _polyline(grid, shape)
        elif isinstance(shape, Dots):
            for point in shape.points:
                grid.dot(point, shape.tone, ".")
        elif isinstance(shape, Box):
            _box(grid, shape)
    for shape in shapes:  # in ASCII as in braille, names stand above what is drawn
        if isinstance(shape, Circle):
            mark = "●" if shape.filled else "○"
            grid.put(
                int(shape.x // ACROSS),
                int(shape.y // DOWN),
                mark.translate(PLAIN) if plain else mark,
                shape.tone,
            )
        elif isinstance(shape, Text):
            _text(grid, shape)
    return "\n".join(grid.rows(color)) + "\n"


def _polyline(grid: Grid, line: Polyline) -> None:
    step = (ACROSS if grid.plain else ACROSS / 2) / 2
    for place, ((x0, y0), (x1, y1)) in enumerate(zip(line.points, line.points[1:], strict=False)):
        count = max(1, int(max(abs(x1 - x0), abs(y1 - y0) / (2 if grid.plain else 1)) / step))
        if line.tone in ("link", "ink", "soft", "frame"):
            mark = _slope(x1 - x0, y1 - y0)
        else:
            mark = "o" if line.tone == "fit" else "*"
        for i in range(count + 1):
            if not line.dashed or (place + i) // 3 % 2 == 0:
                t = i / count
                grid.dot((x0 + t * (x1 - x0), y0 + t * (y1 - y0)), line.tone, mark)


def _slope(dx: float, dy: float) -> str:
    if abs(dx) * DOWN > 4 * abs(dy) * ACROSS:
        return "-"
    if abs(dy) * ACROSS > 2 * abs(dx) * DOWN:
        return "|"
    return "\\" if dx * dy > 0 else "/"


def _box(grid: Grid, box: Box) -> None:
    left, top = round(box.x / ACROSS), round(box.y / DOWN)
    right, bottom = round((box.x + box.width) / ACROSS) - 1, round((box.y + box.height) / DOWN) - 1
    signs = {name: text.translate(PLAIN) if grid.plain else text for name, text in FRAME.items()}
    for column in range(left + 1, right):
        grid.put(column, top, signs["across"], box.tone)
        grid.put(column, bottom, signs["across"], box.tone)
    for line in range(top + 1, bottom):
        grid.put(left, line, signs["down"], box.tone)
        grid.put(right, line, signs["down"], box.tone)
    corners = ((left, top), (right, top), (left, bottom), (right, bottom))
    for (column, line), corner in zip(corners, signs["corners"], strict=True):
        grid.put(column, line, corner, box.tone)


def _text(grid: Grid, text: Text) -> None:
    shown = "".join(c if c.isprintable() else " " for c in text.text)
    if grid.plain:
        shown = shown.translate(PLAIN).encode("ascii", "replace").decode()
    # The baseline lies at the bottom of the line of cells that it is in.
    line = int((text.y - 1) // DOWN)
    start = {"start": 0, "middle": len(shown) / 2, "end": len(shown)}[text.anchor]
    column = round(text.x / ACROSS - start)
    column = max(0, min(column, grid.columns - len(shown)))
    for i, character in enumerate(shown):
        if character != " ":
            grid.put(column + i, line, character, text.tone)
