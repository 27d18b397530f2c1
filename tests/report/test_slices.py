"""The picture of data and law."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.report.scene import PAGE, Dots, Group, Polyline, Scene, Text, flat, terminal_style
from kancli.report.slices import fit, over_decades
from kancli.report.terminal import draw
from kancli.report.values import Array, SliceView


def law(x: Array, y: Array, points_y: Array | None = None, middle: str = "") -> SliceView:
    points_y = y if points_y is None else points_y
    return SliceView("mass", "time", x, y, (y - 1, y + 1), x, points_y, np.zeros(len(x), dtype=bool), middle)


def lines(scene: Scene, tone: str) -> list[Polyline]:
    return [shape for shape in flat(scene.shapes) if isinstance(shape, Polyline) and shape.tone == tone]


def words(scene: Scene) -> list[str]:
    return [shape.text for shape in flat(scene.shapes) if isinstance(shape, Text)]


X = np.linspace(1, 9, 81)


def test_the_law_its_band_and_the_rows_are_drawn_with_the_names_of_both_columns() -> None:
    scene = fit([law(X, 2 * X)], PAGE)
    assert len(lines(scene, "fit")) == 1
    assert sum(line.dashed for line in lines(scene, "soft")) == 2
    assert sum(len(shape.points) for shape in flat(scene.shapes) if isinstance(shape, Dots)) == len(X)
    assert {"mass", "time"} <= set(words(scene))


def test_of_several_inputs_each_panel_says_where_the_others_are() -> None:
    scene = fit([law(X, 2 * X, middle="g = 9.81"), law(X, X**2, middle="h = 2")], PAGE)
    assert len([shape for shape in scene.shapes if isinstance(shape, Group)]) == 2
    assert {"mass at g = 9.81", "mass at h = 2"} <= set(words(scene))


def test_a_curve_breaks_where_it_has_no_value_and_at_a_pole() -> None:
    y = 1 / (X - 5.03)
    y[10] = np.nan
    scene = fit([law(X, y, points_y=np.clip(y, -3, 3))], PAGE)
    assert len(lines(scene, "fit")) == 3


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.01, 100.0, True), (1.0, 50.0, False), (-1.0, 900.0, False)]
)
def test_columns_over_decades_are_drawn_over_their_powers_of_ten(
    low: float, high: float, expected: bool
) -> None:
    x = np.linspace(low, high, 50)
    assert over_decades(x) is expected
    shown = words(fit([law(x, x)], PAGE))
    assert ("0.1" in shown) is expected


def test_a_few_wild_rows_do_not_flatten_the_law() -> None:
    x = np.linspace(0, 1, 1000)
    wild = np.sin(x)
    wild[3] = 1e6
    (line,) = lines(fit([law(x, np.sin(x), points_y=wild)], PAGE), "fit")
    heights = [y for _, y in line.points]
    assert max(heights) - min(heights) > 50


def test_a_terminal_shows_it_as_well() -> None:
    text = draw(fit([law(X, 2 * X)], terminal_style(80)), color=False, plain=True)
    assert "mass" in text
    assert "time" in text
