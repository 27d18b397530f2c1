"""When two formulas are of one form."""

from __future__ import annotations

import pytest

from kancli.symbolic.expression import constants
from kancli.symbolic.expression.form_of import form_of, freed
from kancli.symbolic.text.parser import parse


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2*sin(3*x)", "sin(x)/7", True),
        ("2.5*x**1.5 + 1", "x**1.48 - 3", True),
        ("x*y + x", "3*x + 0.5*y*x", True),
        ("x**2", "x**3", False),
        ("x**2", "x**1.98", False),
        ("x", "x + 1", False),
        ("exp(x)", "2**x", False),
    ],
)
def test_only_the_values_of_constants_do_not_matter(one: str, other: str, same: bool) -> None:
    a, b = (form_of(parse(text, ("x", "y"))) for text in (one, other))
    assert (a == b) == same


def test_all_constants_of_a_form_can_be_free_but_its_whole_exponents() -> None:
    exact = parse("3*x**2*y**(3/2) - exp(-x/2) + 1", ("x", "y"))
    assert sorted(c.value for c in constants(freed(exact))) == [-0.5, 1.5, 3.0]
    assert form_of(freed(exact)) == form_of(exact)
