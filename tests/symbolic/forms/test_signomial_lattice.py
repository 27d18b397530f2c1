"""Sums of products of powers on a lattice of exponents."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.forms.signomial import SignomialTable
from kancli.symbolic.forms.signomial_lattice import (
    Key,
    State,
    evaluated,
    fresh,
    neighbours,
    on_lattice,
    prices,
    rounded,
    split,
)

NONE = np.zeros(2, dtype=np.intp)


def table(
    x: np.ndarray, y: np.ndarray, root: float = 1.0, extras: np.ndarray | None = None
) -> SignomialTable:
    return SignomialTable.of(x, y, None, root=root, extras=extras)


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).uniform(1, 4, (400, 3))


def noisy(y: np.ndarray, share: float) -> np.ndarray:
    return np.asarray(y + np.random.default_rng(1).normal(0, share * np.sqrt(np.mean(y**2)), len(y)))


@pytest.mark.parametrize("root", [1.0, -2.0, 0.5])
def test_the_law_is_found_from_wrong_exponents_in_noise(x: np.ndarray, root: float) -> None:
    y = (x[:, 0] ** 2 * x[:, 1] + 3 * x[:, 1] * x[:, 2]) ** (1 / root)
    start = State(np.array([[1.5, 0.5, 0.0], [0.5, 1.0, 1.0]]), NONE)
    best = on_lattice(table(x, noisy(y, 0.1), root), [start])[0].sum
    order = np.argsort(-best.exponents[:, 0])
    assert best.exponents[order].tolist() == [[2, 1, 0], [0, 1, 1]]
    assert best.raw_factors()[order] == pytest.approx([1, 3], rel=0.2)


def test_a_factor_out_of_the_list_is_chosen(x: np.ndarray) -> None:
    extras = np.stack([np.sin(x[:, 2]), np.cos(x[:, 2])])
    y = noisy(x[:, 0] ** 2 + x[:, 1] * extras[1], 0.05)
    best = on_lattice(table(x, y, extras=extras), [State(np.array([[1.0, 0, 0], [0, 1.0, 0]]), NONE)])[0].sum
    order = np.argsort(-best.exponents[:, 0])
    assert best.exponents[order].tolist() == [[2, 0, 0], [0, 1, 0]]
    assert best.extras[order].tolist() == [0, 2]


def test_bits_are_those_of_error_and_writing(x: np.ndarray) -> None:
    law = State(np.array([[2.0, 0, 0], [0, 1.0, 0]]), NONE)
    more = State(np.array([[2.0, 0, 0], [0, 1.0, 0.5]]), NONE)
    y = noisy(x[:, 0] ** 2 + x[:, 1], 0.1)
    first, second = evaluated(table(x, y), [more, law])
    assert first.state.key == law.key
    (price,) = prices(law.exponents[None], law.extras[None], len(y))
    assert first.bits == pytest.approx(len(y) / 2 * np.log2(first.sum.sse / len(y)) + price)
    assert second.bits > first.bits


def test_what_all_terms_share_is_written_once() -> None:
    apart = np.array([[[1.0, 2.0, 0.0], [0.0, 2.0, 1.0]]])
    alike = np.array([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]])
    one = np.array([[[0.0, 2.0, 0.0]]])
    none = np.zeros((1, 2), dtype=np.intp)
    rows = 100
    bare = prices(np.zeros((1, 1, 3)), none[:, :1], rows)
    assert prices(apart, none, rows) == pytest.approx(
        prices(alike, none, rows) + prices(one, none[:, :1], rows) - bare
    )


def test_order_of_terms_makes_no_other_sum_and_equal_terms_make_none() -> None:
    exponents = np.array([[1.0, 0.0], [0.0, 2.0]])
    seen: set[Key] = set()
    states = [State(exponents, NONE), State(exponents[::-1], NONE), State(np.zeros((2, 2)), NONE)]
    assert fresh(states, seen) == states[:1]
    assert len(seen) == 2
    # -0 is 0, and there may be more extra factors than a byte counts.
    twice = State(np.array([[0.0, 1.0], [-0.0, 1.0]]), np.array([300, 300], dtype=np.intp))
    assert fresh([twice], seen) == []


def test_neighbours_and_splits_stay_on_the_lattice() -> None:
    state = State(np.array([[1.0, -0.5], [6.0, 2.0]]), np.array([0, 1], dtype=np.intp))
    for other in [*neighbours(state, 2), *split(state), *rounded(np.array([[0.4, 1.3]]), NONE[:1])]:
        assert np.array_equal(2 * other.exponents, np.round(2 * other.exponents))
        assert np.abs(other.exponents).max() <= 6
        assert len(other.extras) == len(other.exponents)
    assert {len(other.extras) for other in split(state)} == {3}


def test_terms_that_cancel_are_no_sum(x: np.ndarray) -> None:
    close = 1 + 1e-6 * (x - 2)
    cancelling = State(np.array([[1.0, 0, 0], [1.5, 0, 0]]), NONE)
    assert evaluated(table(close, x[:, 0] - 2), [cancelling]) == []
    assert len(evaluated(table(x, x[:, 0]), [cancelling])) == 1
