"""Pictures in a terminal: as wide as it is, in its characters, in colour only where that is wanted."""

from __future__ import annotations

import re

import pytest
from test_svg import FRONT, LOSS, PREDICTED
from views import dense, edge

from kancli.report.charts import front, loss, parity, residuals
from kancli.report.edges import edges
from kancli.report.network import network
from kancli.report.scene import Box, Polyline, Scene, Text, terminal_style
from kancli.report.terminal import draw

ESCAPES = re.compile(r"\x1b\[[\d;]*m")
PICTURES = {
    "small": lambda style: network(dense(2, 1, function="sin"), style),
    "wide": lambda style: network(dense(4, 6, 1, products=(1,)), style),
    "edges": lambda style: edges(dense(2, 2, 1).edges, style),
    "parity": lambda style: parity(PREDICTED, style),
    "residuals": lambda style: residuals(PREDICTED, style),
    "loss": lambda style: loss(LOSS, style),
    "front": lambda style: front(FRONT, style),
}


@pytest.mark.parametrize("plain", [False, True], ids=["braille", "ascii"])
@pytest.mark.parametrize("columns", [39, 79, 199])
@pytest.mark.parametrize("name", PICTURES)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, plain: bool) -> None:
    text = draw(PICTURES[name](terminal_style(columns)), plain=plain)
    assert max(map(len, text.splitlines())) <= columns
    assert text.isascii() == plain


@pytest.mark.parametrize("name", PICTURES)
def test_colour_changes_nothing_but_colour(name: str) -> None:
    scene = PICTURES[name](terminal_style(80))
    without, coloured = draw(scene), draw(scene, color=True)
    assert "\x1b" not in without
    assert "\x1b" in coloured
    assert ESCAPES.sub("", coloured) == without


def test_two_by_four_dots_make_a_character() -> None:
    whole = Polyline(((0, 0), (0, 15)), "curve")
    assert draw(Scene(8, 16, "", (whole,))) == "⡇\n"


def test_a_name_that_the_terminal_cannot_show_is_still_one_line_as_long() -> None:
    text = Text(0, 16, "Δλ²", "start")
    assert draw(Scene(80, 16, "", (text,)), plain=True) == "??2\n"


def test_a_frame_stands_around_what_is_in_it() -> None:
    assert draw(Scene(24, 48, "", (Box(0, 0, 24, 48),))) == "┌─┐\n│ │\n└─┘\n"


def test_edges_too_many_for_boxes_are_drawn_without_and_that_is_said() -> None:
    text = draw(network(dense(10, 10, 1), terminal_style(80)))
    assert "110 edges: --kind edges shows their curves" in text


def test_inputs_target_products_and_functions_are_named() -> None:
    text = draw(network(dense(2, 2, 1, products=(0,), function="sin"), terminal_style(80)))
    for word in ("x<0>", "x<1>", "y & z", "×", "sin"):
        assert word in text


def test_the_heading_of_an_edge_says_what_it_became() -> None:
    text = draw(edges((edge(0, 1, 0, function="x^2"),), terminal_style(60)))
    assert "0,1,0 · x² · r² 0.9900" in text
