"""Exports: what is written computes what the formula computes, whatever the columns are called."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy

from kancli.errors import CheckpointError, UsageError
from kancli.export import description, export, formats
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import write
from kancli.symbolic.parser import parse

NAMES = ("x", "y", "z")
ROWS = np.random.default_rng(0).uniform(0.2, 0.9, (40, 3))
TEXTS = (
    "x/sqrt(1 - y**2/(z + 3)**2)",
    "-x**(3/2)*exp(1/2)*y/(2*pi) + 2.5e-9*asin(z/4) - 1/2",
    "sqrt(2)*Abs(x - y)**2.5/3 + sign(x)*log(z)",
    "sinh(x)*cosh(y)/tanh(z) + acos(x) + atan(y) + asinh(z) + acosh(1 + x) + atanh(y)",
    "2**x + cos(y)**2 - 6.674e-11",
    "7/2",
)
HOSTILE = ("np", 'quote" and """three""" \\', "lambda\nline")


def formula(text, columns=("a", "b", "c"), target="t"):
    expression = parse(text, NAMES)
    return write(expression, ROWS, evaluate(expression, ROWS), inputs=columns, target=target)


@pytest.mark.parametrize("columns", [("a", "b", "c"), HOSTILE], ids=["plain", "hostile"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_numpy_function_computes_the_formula(text, columns):
    written = formula(text, columns, target='y """ \\')
    module: dict[str, object] = {}
    exec(compile(export(written, "python"), "exported", "exec"), module)
    np.testing.assert_allclose(
        np.broadcast_to(module["predict"](*ROWS.T), len(ROWS)), evaluate(written.expression, ROWS), rtol=1e-13
    )


def test_the_numpy_function_takes_whole_numbers_and_lists():
    module: dict[str, object] = {}
    exec(export(formula("x**(3/2)/y**2"), "python"), module)
    np.testing.assert_allclose(module["predict"]([1, 4], 2, 0), [0.25, 2.0])


@pytest.mark.parametrize("columns", [("E", "beta", "S"), HOSTILE], ids=["plain", "hostile"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_sympy_snippet_builds_the_formula(text, columns):
    written = formula(text, columns)
    module: dict[str, object] = {}
    exec(compile(export(written, "sympy"), "exported", "exec"), module)
    tree = module["expression"]
    values = {sympy.Symbol(column, real=True): value for column, value in zip(columns, ROWS[0], strict=True)}
    assert complex(tree.subs(values)) == pytest.approx(evaluate(written.expression, ROWS[:1])[0], rel=1e-12)


def test_the_sympy_snippet_keeps_fractions_exact():
    module: dict[str, object] = {}
    exec(export(formula("x**(3/2)/2 + 1/3"), "sympy"), module)
    assert not module["expression"].atoms(sympy.Float)


def test_text_is_the_formula_alone():
    assert export(formula("x*y/2")) == "a*b/2"


def test_latex_is_the_equation():
    assert export(formula("x*y/2", target="E_kin"), "latex") == r"E_{\mathrm{kin}} = \frac{a b}{2}"


def test_json_holds_the_names_and_figures():
    document = json.loads(export(formula("2*x", HOSTILE), "json"))
    assert document["formula"] == "2*np"
    assert document["inputs"] == list(HOSTILE)
    assert document["symbols"] == {"quote_and_three": HOSTILE[1], "lambda_line": HOSTILE[2]}
    assert document["r2"] == pytest.approx(1)
    assert [constant["snapped"] for constant in document["constants"]] == ["2"]


@pytest.mark.parametrize("format", formats())
def test_metadata_export_as_the_formula_does(format):
    written = formula("x/sqrt(1 - y**2/(z + 3)**2)")
    metadata = json.loads(json.dumps(written.metadata()))
    assert export(metadata, format) == export(written, format)


@pytest.mark.parametrize("format", formats())
def test_every_format_describes_itself_and_ends_without_a_newline(format):
    assert description(format)
    assert not export(formula("x"), format).endswith("\n")


def test_an_unknown_format_is_a_usage_error_with_a_suggestion():
    with pytest.raises(UsageError, match="latx") as caught:
        export(formula("x"), "latx")
    assert "latex" in str(caught.value.hint)


def test_a_checkpoint_without_a_formula_says_what_to_do():
    with pytest.raises(UsageError) as caught:
        export({"inputs": ["a"], "target": "t"}, "text")
    assert "symbolify" in str(caught.value.hint)


@pytest.mark.parametrize(
    "metadata", [{"formula": "a*", "inputs": ["a"], "target": "t"}, {"formula": "a", "target": "t"}]
)
def test_metadata_that_cannot_be_read_is_a_damaged_checkpoint(metadata):
    with pytest.raises(CheckpointError):
        export(metadata, "python")
