"""Widths: what is read, and what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kancli.recipe import format_width, parse_width

hidden = st.tuples(st.integers(0, 99), st.integers(0, 99)).filter(any)
widths = st.builds(
    lambda inputs, layers, product: ((inputs, 0), *layers, (0, 1) if product else (1, 0)),
    st.integers(1, 99),
    st.lists(hidden, max_size=4),
    st.booleans(),
)


@given(widths)
def test_reading_what_was_written_gives_the_same_layers(layers: tuple[tuple[int, int], ...]) -> None:
    assert parse_width(format_width(layers)) == layers


@pytest.mark.parametrize("width", ["2,5,1", " 2 , 5 , 1 ", [2, 5, 1], ["2", "5", "1"], ("2", 5, 1)])
def test_text_and_lists_mean_the_same(width: str | list[str | int]) -> None:
    assert parse_width(width) == ((2, 0), (5, 0), (1, 0))


def test_product_nodes_stand_beside_sum_nodes() -> None:
    assert parse_width("4,3+2p,2p,1") == ((4, 0), (3, 2), (0, 2), (1, 0))


@pytest.mark.parametrize(
    ("width", "complaint"),
    [
        ("2", "at least an input and an output"),
        ("", "not a layer"),
        ("2,,1", "not a layer"),
        ("2,-5,1", "not a layer"),
        ("2,5.5,1", "not a layer"),
        ("2,x,1", "'x' is not a layer"),
        ("2,0,1", "has no nodes"),
        ("2,5,2", "must be one node"),
        ("2p,1", "inputs"),
        ([2, None, 1], "'None' is not a layer"),
    ],
)
def test_a_width_that_makes_no_network_is_refused(width: str | list[str | int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_width(width)
