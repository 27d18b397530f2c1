"""Which formulas add up."""

from __future__ import annotations

import pytest

from kancli.symbolic.text.parser import parse
from kancli.units import Dimension, check, parse_unit

COLUMNS = {
    "x": "m", "y": "m", "t": "s", "m": "kg", "v": "km/h", "theta": "1", "F": "N", "q": "C", "T": "K", "g": "m/s^2",
    "p": "Pa", "V": "L", "n": "mol", "a": None,
}  # fmt: skip
NAMES = list(COLUMNS)


def violations(formula: str, target: str | None = None) -> list[str]:
    units: dict[int, Dimension] = {
        index: parse_unit(text).dimension for index, text in enumerate(COLUMNS.values()) if text is not None
    }
    return check(
        parse(formula, NAMES), units, None if target is None else parse_unit(target).dimension, NAMES
    )


@pytest.mark.parametrize(
    ("formula", "target"),
    [
        ("m*g", "N"),
        ("m*v**2/2", "J"),
        ("2*pi*sqrt(x/g)", "s"),
        ("p*V/(n*T)", "J/(mol*K)"),
        ("x*cos(theta) + y*sin(theta)", "m"),
        ("sqrt(x**2 + y**2)", "m"),
        ("abs(x) - y", "cm"),
        ("exp(-x/y)*m", "g"),
        ("x*exp(-t/3.2)", "m"),  # 3.2 is a time
        ("9.81*t**2/2", "m"),  # 9.81 is an acceleration
        ("299792458*t", "m"),
        ("1.7*x + 0.3", "m"),
        ("a*x", "J"),  # the unit of a is not known
        ("x**1.4998", None),
        ("0.7*x**1.4998", "s"),
        ("sign(x)*t", "s"),
        ("log(x/y)", "1"),
        ("log(x) - log(y)", "1"),
        ("2*log(x) - log(x*y)", "1"),
        ("log(x) + 1.5", "1"),
        ("3.1*log(x) + 1.5", "J/K"),
        ("exp(log(x) + log(y))", "m^2"),
        ("log(1 + 0.1*x)", "1"),
        ("sin(0.3*x + 0.1)", "1"),
        ("theta**theta", "1"),
        ("atan(x/y)", "rad"),
        ("x - y", "m"),
    ],
)
def test_formulas_that_add_up(formula: str, target: str | None) -> None:
    assert violations(formula, target) == []


@pytest.mark.parametrize(
    ("formula", "target", "words"),
    [
        ("sin(x)", None, "sin of m: sin(x)"),
        ("x + t", None, "adds m and s: x + t"),
        ("m*g", "J", "the formula is in kg*m/s^2, the target in kg*m^2/s^2"),
        ("x + 1", None, "adds m and 1: x + 1"),
        ("x**2 + x", None, "adds m^2 and m"),
        ("exp(-t)", None, "exp of s"),
        ("2**x", None, "exponent in m"),
        ("x**theta", None, "variable power of m"),
        ("t**2/2", "m", "the formula is in s^2, the target in m"),
        ("log(x)", None, "a logarithm of m"),
        ("log(x) - log(t)", None, "a logarithm of m/s"),
        ("x*log(y)", None, "a logarithm of m: x*log(y)"),
        ("sin(log(x))", None, "a logarithm of m: sin(log(x))"),
        ("a*x + a*t", None, "adds"),  # whatever a is
        ("asin(x)/y", None, "asin of m"),
        ("sqrt(x)", "m", "the formula is in m^(1/2), the target in m"),
    ],
)
def test_what_does_not_add_up_is_named(formula: str, target: str | None, words: str) -> None:
    (violation, *_) = violations(formula, target)
    assert violation.startswith(words)


def test_the_same_constant_cannot_have_two_units() -> None:
    assert violations("1.5*x") == []
    assert violations("a*x + a*y", "J") == []
    assert violations("sin(a*x) + a*t") != []


def test_every_violation_is_told() -> None:
    assert len(violations("sin(x)*cos(t) + exp(m)", "K")) == 4
