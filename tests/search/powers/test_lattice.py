"""Sums with plain exponents under noise: the law's own come first."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.search.powers.lattice import fitted_starts, plain_sums, table_of
from kancli.search.powers.model import Basis
from kancli.symbolic.expression import Call, Variable

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (120, 2))
NOISE = RNG.normal(size=120)
BASIS = Basis((0, 1), ())
ONE = Fraction(1)


def table(y: np.ndarray, noise: float, **how: object) -> Dataset:
    return from_memory(X, y + noise * y.std() * NOISE, inputs=("a", "b"), **how)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("law", "exponents", "root"),
    [
        (lambda a, b: 3 * a**2 / b, [[2, -1]], 1),
        (lambda a, b: 2.5 * a**1.5 / b - 0.7 * b**2, [[0, 2], [1.5, -1]], 1),
        (lambda a, b: np.sqrt(a**2 + 2 * b**2), [[0, 2], [2, 0]], 2),
    ],
)
def test_the_exponents_of_the_law_come_first(law, exponents: list[list[float]], root: int) -> None:  # type: ignore[no-untyped-def]
    found = plain_sums(table(law(*X.T), 0.02), BASIS, Fraction(root), 0)
    assert sorted(found[0].fitted.exponents.tolist()) == exponents
    assert found[0].root == root


def test_all_sums_have_whole_or_half_exponents_and_the_shorter_descriptions_come_first() -> None:
    found = plain_sums(table(X[:, 0] ** 2 + X[:, 1], 0.3), BASIS, ONE, 0)
    for one in found:
        assert np.array_equal(2 * one.fitted.exponents, np.round(2 * one.fitted.exponents))
        assert one.exact.all()
    assert [one.bits for one in found] == sorted(one.bits for one in found)
    assert {len(one.fitted.factors) for one in found} == {1, 2, 3}


def test_held_out_rows_take_no_part() -> None:
    y = 3 * X[:, 0] ** 2 / X[:, 1]
    data = table(y, 0.0)
    spoilt = table(np.where(data.validation, 99.0, y), 0.0)
    assert np.array_equal(spoilt.validation, data.validation)
    (first, *_), (other, *_) = plain_sums(data, BASIS, ONE, 0), plain_sums(spoilt, BASIS, ONE, 0)
    assert other.fitted.exponents.tolist() == first.fitted.exponents.tolist() == [[2.0, -1.0]]
    assert other.fitted.raw_factors() == pytest.approx([3.0])


def test_rows_of_little_weight_say_little() -> None:
    y = X[:, 0] * X[:, 1] ** 2
    wrong = np.arange(120) % 3 == 0
    weights = np.where(wrong, 1e-9, 1.0)
    data = table(np.where(wrong, X[:, 0] ** 3, y), 0.0, weights=weights)
    assert plain_sums(data, BASIS, ONE, 0)[0].fitted.exponents.tolist() == [[1.0, 2.0]]


def test_an_extra_factor_is_taken_where_powers_alone_do_not_do() -> None:
    basis = Basis((0, 1), (Call("cos", Variable(0)),))
    found = plain_sums(table(2 * X[:, 1] ** 2 * np.cos(X[:, 0]), 0.01), basis, ONE, 0)[0]
    assert found.fitted.extras.tolist() == [1]
    assert found.fitted.exponents.tolist() == [[0.0, 2.0]]


def test_starts_are_the_plain_neighbours_of_the_best_fits() -> None:
    data = table(X[:, 0] ** 1.4 * X[:, 1] ** -0.9, 0.0)
    rows = np.flatnonzero(~data.validation)
    starts = [s.exponents.tolist() for s in fitted_starts(data, BASIS, ONE, rows, 1, 0)]
    assert [[1.5, -1.0]] in starts


def test_a_table_has_the_chosen_rows_and_only_the_inputs_of_its_powers() -> None:
    data = table(X[:, 0] * X[:, 1], 0.0)
    basis = Basis((1,), (Variable(0),))
    few = table_of(data, basis, ONE, np.array([3, 5, 8]))
    assert few.size == 3
    assert few.kinds == 1
    assert few.centre == pytest.approx(np.exp(np.log(X[[3, 5, 8], 1]).mean()))
