"""Exact numbers as text: one root for a root and a root of pi, no decimals beside pi, every text read back."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from kancli.export.c_like import dialect
from kancli.symbolic.expression import evaluate, exact
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sqrt(3)/(2*sqrt(pi))", "sqrt(3/pi)/2"),
        ("sqrt(2)/sqrt(pi)", "sqrt(2/pi)"),
        ("sqrt(pi)/sqrt(2)", "sqrt(pi/2)"),
        ("-sqrt(pi)/sqrt(6)", "-sqrt(pi/6)"),
        ("1/sqrt(2*pi)", "1/sqrt(2*pi)"),
        ("sqrt(6*pi)", "sqrt(6*pi)"),
        ("0.15/pi", "3/(20*pi)"),
        ("0.0625/pi**2", "1/(16*pi**2)"),
        ("0.15", "0.15"),
        ("1.25e-7*pi", "1.25e-07*pi"),
    ],
)
def test_numbers_are_written_with_one_root_and_as_fractions_beside_pi(text, written):
    assert Exact.parse(text).text == written
    assert render(exact(text), ()) == written


@pytest.mark.parametrize("sign", [1, -1])
def test_every_text_is_read_back_as_the_same_number(sign):
    halves = [Fraction(n, 2) for n in range(-4, 5)]
    rationals = [Fraction(1), Fraction(3, 2), Fraction(1, 6), Fraction(7, 20), Fraction(5, 3)]
    for rational, pi, root in itertools.product(rationals, halves, (1, 2, 3, 6)):
        number = Exact(sign * rational, pi=pi, root=root)
        assert Exact.parse(number.text) == number
        value = evaluate(parse(render(exact(number), ()), ()), np.zeros((1, 1)))[0]
        assert value == pytest.approx(number.value, rel=1e-14)


def test_other_languages_write_the_same_root():
    assert latex(exact("sqrt(3/pi)"), ()) == r"\sqrt{\frac{3}{\pi}}"
    assert render(exact("sqrt(pi/2)"), (), dialect("c")).replace(" ", "").count("sqrt(") == 1
