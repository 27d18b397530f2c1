"""Every entry of the table of elementary functions, against mpmath and sympy; a new entry is tested by itself."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import mpmath
import numpy as np
import pytest
import sympy

from kancli.symbolic.elementary import FUNCTIONS, Elementary
from kancli.symbolic.expression import Call, Variable, evaluate, exact
from kancli.symbolic.expression.names import is_safe
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.mathml import mathml
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render
from kancli.symbolic.text.sympy import from_sympy, to_sympy

every_entry = pytest.mark.parametrize("entry", FUNCTIONS.values(), ids=lambda entry: entry.name)
X = Variable(0)


def points(entry: Elementary) -> np.ndarray:
    """Points inside the domain, none of them 0; the largest are beyond where most functions saturate."""
    low, high = max(entry.low, -7.3), min(entry.high, 7.7)
    return np.linspace(low, high, 42)[1:-1]


def reference(entry: Elementary, u: float, derivative: int = 0) -> float:
    with mpmath.workdps(40):
        return float(mpmath.diff(lambda v: entry.by_mpmath(mpmath, v), mpmath.mpf(u), derivative))


@every_entry
def test_the_value_is_that_of_mpmath(entry: Elementary) -> None:
    u = points(entry)
    expected = np.array([reference(entry, v) for v in u])
    # Beside a zero, the rounding of the argument alone is more than the last digits of the value.
    near_zero = 1e-15 if expected.min() < 0.0 < expected.max() else 0.0
    np.testing.assert_allclose(entry.value(u), expected, rtol=5e-15, atol=near_zero)


@every_entry
def test_the_derivative_is_that_of_mpmath(entry: Elementary) -> None:
    u = points(entry)
    expected = [reference(entry, v, 1) for v in u]
    np.testing.assert_allclose(entry.derivative(u, entry.value(u)), expected, rtol=1e-10, atol=1e-15)


@every_entry
def test_values_keep_the_shape_and_are_nan_outside_the_domain_only(entry: Elementary) -> None:
    u = points(entry).reshape(4, 10)
    assert entry.value(u).shape == entry.derivative(u, entry.value(u)).shape == u.shape
    assert np.isfinite(entry.value(u)).all()
    outside = np.array([*([entry.low - 0.5] if entry.low > -np.inf else []), np.nan, entry.high + 0.5])
    outside = outside[~np.isinf(outside)]
    with np.errstate(invalid="ignore"):
        assert np.isnan(entry.value(outside)).all()


@every_entry
def test_the_parity_is_declared_where_there_is_one(entry: Elementary) -> None:
    u = points(entry)
    u = u[(-u >= entry.low) & (-u <= entry.high)]
    right, left = entry.value(u), entry.value(-u)
    assert len(u) == 0 or (entry.parity == 1) == np.allclose(left, right, rtol=1e-13, atol=0.0)
    assert len(u) == 0 or (entry.parity == -1) == np.allclose(left, -right, rtol=1e-13, atol=0.0)


@every_entry
def test_a_declared_sign_is_that_of_all_values(entry: Elementary) -> None:
    values = entry.value(np.append(points(entry), np.clip(0.0, entry.low, entry.high)))
    expected = "positive" if (values > 0).all() else "not negative" if (values >= 0).all() else "any"
    assert entry.sign in (expected, "any")


@every_entry
def test_what_it_undoes_is_undone(entry: Elementary) -> None:
    if not entry.undoes:
        return
    inner = FUNCTIONS[entry.undoes]
    u = points(inner)
    np.testing.assert_allclose(entry.value(inner.value(u)), u, rtol=1e-9)


@every_entry
def test_exact_values_are_the_values(entry: Elementary) -> None:
    for argument, value in entry.exact_values:
        found = entry.value(np.array(exact(argument).value))
        assert float(found) == pytest.approx(exact(value).value, rel=1e-15, abs=1e-300)


@every_entry
def test_a_formula_may_use_each_of_its_names_and_no_column_may(entry: Elementary) -> None:
    for name in entry.names:
        assert parse(f"{name}(x)", ["x"]) == Call(entry.name, X)
    assert is_safe(entry.name) == entry.name_is_free


@every_entry
def test_what_is_printed_reads_back(entry: Elementary) -> None:
    call = Call(entry.name, X)
    assert parse(render(call, ["x"]), ["x"]) == call
    assert from_sympy(to_sympy(call)) == call


@every_entry
def test_sympy_has_the_same_function_and_slope(entry: Elementary) -> None:
    symbol = sympy.Symbol("x0", real=True)
    tree = to_sympy(Call(entry.name, X), (symbol,))
    slope = sympy.diff(tree, symbol)
    for u in points(entry)[3:-3:8]:
        assert float(tree.subs(symbol, float(u)).evalf()) == pytest.approx(
            float(evaluate(Call(entry.name, X), np.array([[u]]))[0]), rel=1e-12
        )
        v = entry.value(np.array(u))
        if slope.has(sympy.Derivative):
            continue  # sympy does not differentiate steps
        expected = float(slope.subs(symbol, float(u)).evalf())
        assert float(entry.derivative(np.array(u), v)) == pytest.approx(expected, rel=1e-8, abs=1e-15)


@every_entry
def test_latex_has_commands_only_and_closes_what_it_opens(entry: Elementary) -> None:
    text = latex(Call(entry.name, X), ["x"])
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    # Letters that are no command would be set as a product of variables.
    bare = re.sub(r"\\operatorname\{\w+\}|\\[A-Za-z]+", "", text)
    assert set(re.findall("[A-Za-z]", bare)) <= {"x", "e"}
    assert "x" in bare


@every_entry
def test_mathml_is_well_formed_and_holds_the_argument(entry: Elementary) -> None:
    root = ElementTree.fromstring(mathml(Call(entry.name, X), ["x"]))
    identifiers = [element.text for element in root.iter() if element.tag.endswith("}mi")]
    assert identifiers[-1] == "x"
    assert len(identifiers) == (2 if entry.fences is None else 1)
