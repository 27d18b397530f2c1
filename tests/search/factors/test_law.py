"""A product of factors as a model of log|y| and as a formula."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kancli.search.factors.atoms import Argument, Atom, Base
from kancli.search.factors.law import Law, parity
from kancli.symbolic.expression import Variable, evaluate
from kancli.symbolic.text.printer import render

X = np.random.default_rng(0).uniform(1, 3, (60, 2))
RATIO = Argument(((Base(0), 1), (Base(1), -1)))
LAW = Law(
    0.0,
    (Fraction(2), 0.3),
    (Atom("factor", RATIO, beside=-1), Atom("exponent", RATIO, scale=Fraction(1))),
    (Fraction(1, 2), -0.7),
)


def text(law: Law, x: np.ndarray, y: np.ndarray) -> str:
    return render(law.expression(x, y), ("a", "b"))


def test_the_formula_is_the_exponential_of_the_model_of_its_logarithm() -> None:
    y = np.exp(evaluate(LAW.log_model(), X))
    assert evaluate(LAW.expression(X, y), X) == pytest.approx(y, rel=1e-12)


def test_a_model_with_other_constants_is_a_law_with_other_coefficients() -> None:
    law = Law(0.1, (0.5, Fraction(1)), (Atom("factor", RATIO, "sin", scale=0.4),), (0.2,))
    assert law.with_constants(law.log_model()) == law


def test_a_sum_is_written_over_its_common_denominator() -> None:
    law = Law(0.0, (Fraction(0), Fraction(1)), (Atom("factor", RATIO, beside=1),), (Fraction(1),))
    assert text(law, X, X.sum(axis=1)) == "b + a"


@pytest.mark.parametrize(
    ("power", "law", "formula"),
    [
        (Fraction(1), lambda a: a, "a"),
        (Fraction(1), lambda a: -np.abs(a), "-Abs(a)"),
        (Fraction(2), lambda a: a * np.abs(a), "sign(a)*a**2"),
        (Fraction(1, 2), lambda a: np.sqrt(np.abs(a)), "sqrt(Abs(a))"),
        (Fraction(1, 3), lambda a: np.cbrt(a), "sign(a)*Abs(a)**(1/3)"),
        (Fraction(-1), lambda a: -1 / a, "-1/a"),
    ],
)
def test_signs_are_read_off_the_rows(power: Fraction, law, formula: str) -> None:  # type: ignore[no-untyped-def]
    x = np.linspace(-2, 3, 40)[:, None]
    assert text(Law(0.0, (power,)), x, law(x[:, 0])) == formula


def test_no_sign_is_changed_where_noise_alone_would_have_it() -> None:
    x = np.linspace(-2, 3, 40)[:, None]
    y = x[:, 0].copy()
    y[16] *= -1  # the row nearest to 0
    assert parity([Variable(0)], [Fraction(1)], x, y) == (1.0, [True])
