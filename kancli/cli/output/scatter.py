"""A scatter plot in the terminal: two by four dots per character (braille), or plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from kancli.cli.output.figures import short

# The dot in column c, row r of a braille character is this bit of its code point.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BRAILLE = 0x2800


def scatter(
    x: Sequence[float],
    y: Sequence[float],
    curve: Sequence[float],
    *,
    width: int = 60,
    height: int = 12,
    name: str = "x",
    ascii_only: bool = False,
) -> str:
    """The points (x, y) as dots and (x, curve) as a line, in `height` (two or more) lines of `width` characters.

    In braille both are dots; in ASCII the points are dots, and the curve is o where it leaves the points.
    """
    pixels = (1, 1) if ascii_only else (2, 4)
    columns, rows = width * pixels[0], height * pixels[1]
    low, high = min(min(y), min(curve)), max(max(y), max(curve))
    left, right = min(x), max(x)

    def at(value: float, start: float, end: float, steps: int) -> int:
        return min(int((value - start) / (end - start) * steps), steps - 1) if end > start else steps // 2

    def places(values: Sequence[float]) -> set[tuple[int, int]]:
        return {
            (at(u, left, right, columns), rows - 1 - at(v, low, high, rows))
            for u, v in zip(x, values, strict=True)
        }

    points, line = places(y), places(curve)
    if ascii_only:
        grid = [
            "".join("." if (c, r) in points else "o" if (c, r) in line else " " for c in range(columns))
            for r in range(rows)
        ]
    else:
        grid = [_braille(points | line, r, width) for r in range(height)]
    labels = [short(high), *[""] * (height - 2), short(low)]
    margin = max(map(len, labels))
    lines = [f"{label:>{margin}} │{text.rstrip()}" for label, text in zip(labels, grid, strict=True)]
    axis = (
        f"{short(left)}{name:^{max(width - len(short(left)) - len(short(right)), len(name))}}{short(right)}"
    )
    drawn = "\n".join([*lines, f"{'':>{margin}} └{'─' * width}", f"{'':>{margin}}  {axis}"])
    return drawn.translate({ord("│"): "|", ord("└"): "+", ord("─"): "-"}) if ascii_only else drawn


def _braille(dots: set[tuple[int, int]], row: int, width: int) -> str:
    characters = []
    for column in range(width):
        bits = sum(DOTS[r][c] for r in range(4) for c in range(2) if (2 * column + c, 4 * row + r) in dots)
        characters.append(chr(BRAILLE + bits) if bits else " ")
    return "".join(characters)
