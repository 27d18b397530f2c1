"""Pictures as SVG: well-formed, complete, and nothing in them from outside."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from views import dense, edge

from kancli.report.charts import front, loss, parity, residuals
from kancli.report.edges import edges
from kancli.report.network import network, opacity
from kancli.report.scene import PAGE, Scene
from kancli.report.svg import NAMESPACE, svg
from kancli.report.values import FrontView, LossView, NetworkView, PredictionView

NOISE = np.random.default_rng(0)
Y = np.linspace(1, 5, 40)
PREDICTED = PredictionView("y", "formula", Y, Y + NOISE.normal(0, 0.1, 40), np.arange(40) % 5 == 0)
LOSS = LossView("y", (("train", ((5.0, 1.0), (10.0, 0.1))), ("symbolify", ((0.0, 0.0),))))
FRONT = FrontView("y", ((3, 0.2, "x", False), (9, 0.0, "exp(x)", True)))
SCENES = {
    "network": network(dense(2, 3, 1), PAGE),
    "edges": edges(dense(2, 3, 1).edges, PAGE),
    "parity": parity(PREDICTED, PAGE),
    "residuals": residuals(PREDICTED, PAGE),
    "loss": loss(LOSS, PAGE),
    "front": front(FRONT, PAGE),
}


def read(scene: Scene) -> ElementTree.Element:
    return ElementTree.fromstring(svg(scene))


def of_kind(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    groups = root.iter(f"{{{NAMESPACE}}}g")
    return [group for group in groups if kind in (group.get("class") or "").split()]


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_picture_is_xml_whose_shapes_lie_on_the_sheet(scene: Scene) -> None:
    root = read(scene)
    assert root.find(f"{{{NAMESPACE}}}title") is not None
    for shape in root.iter():
        x, y = shape.get("x", shape.get("cx")), shape.get("y", shape.get("cy"))
        if x is not None and y is not None:
            assert 0 <= float(x) <= scene.width
            assert 0 <= float(y) <= scene.height
        for a, b in re.findall(r"(-?[\d.]+) (-?[\d.]+)", shape.get("d") or ""):
            assert -0.1 <= float(a) <= scene.width + 0.1
            assert -0.1 <= float(b) <= scene.height + 0.1


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_picture_needs_nothing_from_outside(scene: Scene) -> None:
    text = svg(scene)
    assert re.findall(r"https?://[^\"]*", text) == [NAMESPACE]
    assert "href" not in text
    assert "@import" not in text
    assert "<script" not in text


@pytest.mark.parametrize(
    "view", [dense(1, 1), dense(2, 5, 1), dense(3, 4, 2, 1), dense(12, 9, 1)], ids=lambda v: str(v.width)
)
def test_the_diagram_has_the_edges_and_nodes_of_the_architecture(view: NetworkView) -> None:
    root = read(network(view, PAGE))
    assert sorted(g.get("data-name") or "" for g in of_kind(root, "edge")) == sorted(
        e.name for e in view.edges
    )
    assert len(of_kind(root, "node")) == sum(view.width)


def test_hidden_nodes_without_edges_are_not_drawn_but_all_inputs_are() -> None:
    whole = dense(3, 5, 1)
    kept = tuple(e for e in whole.edges if e.name in ("0,0,4", "1,4,0"))
    view = NetworkView(whole.width, whole.products, whole.inputs, whole.target, kept)
    names = [g.get("data-name") for g in of_kind(read(network(view, PAGE)), "node")]
    assert names == ["0,0", "0,1", "0,2", "1,4", "2,0"]


def test_product_nodes_are_marked() -> None:
    root = read(network(dense(2, 3, 1, products=(2,)), PAGE))
    marked = [g for g in of_kind(root, "node") if "×" in "".join(g.itertext())]
    assert [g.get("data-name") for g in marked] == ["1,2"]
    assert marked == of_kind(root, "product")


def test_symbolic_edges_carry_their_function_and_splines_none() -> None:
    view = dense(1, 1, function="x^2")
    assert "x²" in ["".join(t.itertext()) for t in of_kind(read(network(view, PAGE)), "symbolic")[0]]
    assert of_kind(read(network(dense(1, 1), PAGE)), "symbolic") == []


def test_inputs_and_target_are_named_with_their_own_characters() -> None:
    words = [t.text for t in read(network(dense(2, 1), PAGE)).iter(f"{{{NAMESPACE}}}text")]
    assert words == ["x<0>", "x<1>", "y & z"]


def test_the_stronger_an_edge_the_plainer_it_is() -> None:
    shades = [opacity(strength) for strength in (0.0, 0.1, 0.5, 1.0)]
    assert shades == sorted(set(shades))
    assert shades[0] > 0
    assert shades[-1] == pytest.approx(1)


def test_a_control_character_in_a_name_does_not_break_the_file() -> None:
    view = dense(1, 1)
    bad = NetworkView(view.width, view.products, ("a\x07b",), view.target, view.edges)
    assert "a b" in "".join(read(network(bad, PAGE)).itertext())


def test_each_edge_has_a_panel_with_curve_data_and_function() -> None:
    views = (edge(0, 0, 0, function="sin"), edge(0, 1, 0))
    panels = of_kind(read(edges(views, PAGE)), "panel")
    kinds = [[p.get("class") for p in panel.iter(f"{{{NAMESPACE}}}path")] for panel in panels]
    assert ["n s-curve" in classes for classes in kinds] == [True, True]
    assert ["n s-points" in classes for classes in kinds] == [True, True]
    assert ["n s-fit" in classes for classes in kinds] == [True, False]


def test_points_of_a_perfect_prediction_lie_on_the_diagonal() -> None:
    scene = parity(PredictionView("y", "formula", Y, Y, np.zeros(40, dtype=bool)), PAGE)
    frame_line = next(s for s in scene.shapes if getattr(s, "dashed", False))
    dots = next(s for s in scene.shapes if type(s).__name__ == "Dots")
    (x0, y0), (x1, y1) = frame_line.points  # type: ignore[union-attr]
    for x, y in dots.points:  # type: ignore[union-attr]
        assert (y - y0) * (x1 - x0) == pytest.approx((x - x0) * (y1 - y0))


def test_a_prediction_that_is_not_finite_leaves_the_rest() -> None:
    predicted = np.where(Y > 4, np.nan, Y)
    assert svg(residuals(PredictionView("y", "formula", Y, predicted, Y > 9), PAGE)).count("nan") == 0
