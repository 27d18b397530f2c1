"""Formulas as MathML: well-formed, and every part of them in its place."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from kancli.symbolic.text.mathml import NAMESPACE, mathml
from kancli.symbolic.text.parser import parse

NAMES = ("x1", "v_max", "theta", "T [K] <&>")


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(mathml(parse(text, ("x1", "v_max", "theta", "T")), NAMES))


def words(text: str) -> str:
    return "".join(read(text).itertext()).replace("\u2061", "").replace("\u2062", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x1 + T", "x1+T [K] <&>"),
        ("-x1", "-x1"),
        ("sin(pi*theta)", "sin(πθ)"),
        ("(x1 + theta)**2", "(x1+θ)2"),
        ("x1*(theta - 1)", "x1(θ-1)"),
        ("abs(x1)", "|x1|"),
        ("1.5e-7*x1", "1.5·10-7x1"),
        ("exp(x1)", "ex1"),
        ("2*3**theta", "2·3θ"),
    ],
)
def test_the_words_of_a_formula_stand_in_order(text: str, shown: str) -> None:
    assert words(text) == shown


@pytest.mark.parametrize(
    ("text", "element", "parts"),
    [
        ("x1/theta", "mfrac", ["x1", "θ"]),
        ("sqrt(1 - v_max**2)", "msqrt", ["1-vmax2"]),
        ("v_max", "msub", ["v", "max"]),
        ("theta**(2/3)", "msup", ["θ", "23"]),
    ],
)
def test_quotients_roots_indices_and_powers_are_structure(text: str, element: str, parts: list[str]) -> None:
    found = next(read(text).iter(f"{{{NAMESPACE}}}{element}"))
    assert ["".join(part.itertext()) for part in found] == parts


def test_the_target_stands_before_the_equals_sign() -> None:
    element = ElementTree.fromstring(mathml(parse("x1", ("x1",)), ("x1",), "a<b"))
    assert "".join(element.itertext()) == "a<b=x1"


def test_names_of_several_words_stand_apart_from_other_factors() -> None:
    assert words("3.5*T*exp(-x1)") == "3.5·T [K] <&>·e-x1"
