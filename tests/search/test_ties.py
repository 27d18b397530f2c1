"""Choices among equals do not hang on the last bits, nor on the order of the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kancli.search.inputs.neighbours import number_by_neighbours
from kancli.search.inputs.single_index import numbers_in
from kancli.search.inputs.slopes import factors_in, found_in, homogeneous_in
from kancli.search.networks.separability import clusters, disagreement
from kancli.search.ties import by_size, first_shortest

Array = np.ndarray

X = np.random.default_rng(0).uniform(1, 3, (4, 400))
# y = x3 + exp(x0·x1/x2): three inputs of one product, all pairs of which agree to rounding.
INNER = X[0] * X[1] / X[2]
GROUPED = np.array([X[1] / X[2], X[0] / X[2], -INNER / X[2], np.ones(400)])
GROUPED[:3] *= np.exp(INNER)
GROUPED_Y = X[3] + np.exp(INNER)
# y = x3²·log(1 + x0·x1/x2): one product and a factor.
SINGLE = np.array([X[1] / X[2], X[0] / X[2], -INNER / X[2], np.zeros(400)]) * X[3] ** 2 / (1 + INNER)
SINGLE_Y = X[3] ** 2 * np.log1p(INNER)
SINGLE[3] = 2 * SINGLE_Y / X[3]

Choice = Callable[[Array, Array, Array], object]
CHOICES: dict[str, tuple[Array, Array, Choice]] = {
    "combinations": (GROUPED, GROUPED_Y, lambda slopes, x, y: found_in(slopes, x)),
    "groups": (GROUPED, GROUPED_Y, lambda slopes, x, y: clusters(disagreement(slopes, x))),
    "factors": (SINGLE, SINGLE_Y, lambda slopes, x, y: list(factors_in(slopes, x, y).items())),
    "scales": (SINGLE, SINGLE_Y, homogeneous_in),
    "one variable": (SINGLE, SINGLE_Y, lambda slopes, x, y: list(numbers_in(slopes, x, y))),
    "neighbours": (SINGLE, SINGLE_Y, lambda slopes, x, y: number_by_neighbours(x, y, 1e-3)),
}


def last_bit(values: Array, generator: np.random.Generator) -> Array:
    """The values with a step of one unit in the last place, up, down or none."""
    return values + generator.integers(-1, 2, values.shape) * np.spacing(values)


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("seed", range(8))
def test_a_change_of_the_last_bits_or_of_the_rows_order_changes_no_choice(name: str, seed: int) -> None:
    slopes, y, choice = CHOICES[name]
    generator = np.random.default_rng(seed)
    rows = generator.permutation(len(y))
    taken = choice(slopes, X, y)
    assert taken not in (None, [])
    assert choice(last_bit(slopes, generator), last_bit(X, generator), last_bit(y, generator)) == taken
    assert choice(slopes[:, rows].copy(), X[:, rows].copy(), y[rows]) == taken


def test_of_equally_short_descriptions_the_first_is_taken() -> None:
    lengths = {"b": 10.0 + 1e-13, "a": 10.0, "c": 9.9999}
    assert first_shortest(lengths, lambda name: lengths[name]) == "b"
    assert first_shortest([*lengths, "d"], lambda name: {**lengths, "d": 9.5}[name]) == "d"


def test_sizes_that_differ_by_rounding_keep_their_order() -> None:
    assert by_size([0.5, -1.0, 1.0 + 1e-15, 0.0]) == [1, 2, 0, 3]
