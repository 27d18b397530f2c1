"""Products of factors in noise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import Argument, Atom, Base
from kancli.search.factors.law import Exponent, Law
from kancli.search.factors.noisy import Rows, is_plain, noisy_laws

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (400, 4))
NOISE = RNG.normal(size=400)


def laws(y: np.ndarray, x: np.ndarray = X) -> list[Law]:
    return list(noisy_laws(Rows(x, y, np.ones(len(y))), FitOptions()))


@pytest.mark.parametrize("relative", [False, True])
def test_exponents_come_back_plain_and_idle_inputs_not_at_all(relative: bool) -> None:
    truth = X[:, 0] ** 2 / np.sqrt(X[:, 1])
    y = truth * np.exp(0.03 * NOISE) if relative else truth + 0.03 * truth.std() * NOISE
    law = Law(0.0, (Fraction(2), Fraction(-1, 2), Fraction(0), Fraction(0)))
    assert law in [replace(one, constant=0.0) for one in laws(y)]


def test_a_factor_and_an_exponent_are_chosen() -> None:
    law = X[:, 0] * np.exp(-X[:, 1] * X[:, 2] / 3) * np.sin(X[:, 3])
    found = laws(law + 0.01 * law.std() * NOISE)[0]
    assert {(a.kind, a.function) for a in found.atoms} == {("exponent", ""), ("factor", "sin")}
    assert found.powers == (Fraction(1), Fraction(0), Fraction(0), Fraction(0))


def test_noise_that_changes_the_sign_of_small_values_does_not_matter() -> None:
    x = X - np.array([2.0, 0, 0, 0])
    law = x[:, 0] * x[:, 1] ** 2
    y = law + 0.05 * law.std() * NOISE
    assert np.any(y * law < 0)
    assert laws(y, x)[0].powers == (Fraction(1), Fraction(2), Fraction(0), Fraction(0))


@pytest.mark.parametrize(
    ("powers", "weights", "plain"),
    [
        ((Fraction(1), Fraction(1, 2)), (Fraction(-1),), True),
        ((Fraction(1), 0.41), (Fraction(-1),), False),
        ((Fraction(1), Fraction(1, 2)), (-0.77,), False),
        ((Fraction(1), 0.41), (), True),
    ],
)
def test_beside_other_factors_exponents_have_to_be_plain(
    powers: tuple[Exponent, ...], weights: tuple[Exponent, ...], plain: bool
) -> None:
    atoms = (Atom("factor", Argument(((Base(0), 1),)), "cos"),)[: len(weights)]
    assert is_plain(Law(0.0, powers, atoms, weights)) == plain


def test_too_few_rows_determine_nothing() -> None:
    assert laws(X[:12, 0], X[:12]) == []
