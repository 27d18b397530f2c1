"""A form with numbers for its constants, as its user wrote it."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.expression import evaluate
from kancli.symbolic.forms.form import read_form
from kancli.symbolic.forms.written import written
from kancli.symbolic.text.parser import parse


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("b1*(1-exp(-b2*x))", {"b1": 2.5, "b2": 0.5}, "2.5*(1 - exp(-0.5*x))"),
        ("a + b*x", {"a": 2.0, "b": -3.5}, "2.0 - 3.5*x"),
        ("a - b*x", {"a": 2.0, "b": -3.5}, "2.0 + 3.5*x"),
        ("exp(-b*x)", {"b": -0.5}, "exp(0.5*x)"),
        ("x**a", {"a": -1.5}, "x**(-1.5)"),
        ("a**x", {"a": -1.5}, "(-1.5)**x"),
        ("x/(a*b)", {"a": 2.0, "b": -3.0}, "x/(2.0*(-3.0))"),
        ("x - (a - b)", {"a": -2.0, "b": 3.0}, "x - (-2.0 - 3.0)"),
        ("x - (a*x + b)", {"a": -2.0, "b": 3.0}, "x - (-2.0*x + 3.0)"),
        ("a*b*x/(1+b*x)", {"a": 4.0, "b": 3.0}, "4.0*3.0*x/(1 + 3.0*x)"),
        ("-(a*x)", {"a": -2.0}, "2.0*x"),
        ("-a**2*x", {"a": -2.0}, "-(-2.0)**2*x"),
        ("(x**a)**b", {"a": 2.0, "b": 3.0}, "(x**2.0)**3.0"),
    ],
)
def test_the_text_is_the_form_at_its_constants(text: str, values: dict[str, float], expected: str) -> None:
    found = written(text, {name: repr(value) for name, value in values.items()})
    assert found == expected
    x = np.array([[0.3], [1.2], [2.0]])
    form = read_form(text, ["x"])
    at = evaluate(form.free([values[name] for name in form.names]), x)
    np.testing.assert_allclose(evaluate(parse(found, ["x"]), x), at, rtol=1e-14)
