"""Simplification: sympy agrees, the values stay, the time limit holds."""

from __future__ import annotations

import resource
import threading

import numpy as np
import pytest
import sympy
from expressions import KNOWN, NAMES, expressions, property_test
from hypothesis import given

from kancli.symbolic.expression import Constant, complexity, constants, evaluate
from kancli.symbolic.rewrite import simplify as module
from kancli.symbolic.rewrite.simplify import agrees, simplify
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render

ROWS = np.random.default_rng(0).uniform(1, 3, (200, 3))


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("exp(log(x) + 2*log(y))", "x*y**2"),
        ("sqrt((x - y)**2)", "Abs(x - y)"),
        ("sqrt((x + y)**2)", "x + y"),
        ("x*x**(-3)", "1/x**2"),
        ("x*y + x*z", "x*(y + z)"),
        ("x/2 + y/2", "(x + y)/2"),
        ("sqrt(x)*sqrt(y)", "sqrt(x*y)"),
        ("1/sqrt(x)/sqrt(y)", "1/sqrt(x*y)"),
        ("x/(y*(1 + z/y))", "x/(y + z)"),
        ("1/(1/x + 1/y)", "x*y/(x + y)"),
        ("exp(x)*exp(y)", "exp(x + y)"),
    ],
)
def test_our_own_rules_need_no_sympy(text, short):
    found = simplify(parse(text, NAMES), ROWS, seconds=0.0)
    assert render(found, NAMES) == short
    assert sympy.simplify(sympy.sympify(text) - sympy.sympify(short)).subs(
        {"x": 2, "y": 1.5, "z": 3}
    ) == pytest.approx(0)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("x**2 + 2*x*y + y**2", "(x + y)**2"),
        ("(x**2 - y**2)/(x - y)", "x + y"),
        ("sin(x)**2 + cos(x)**2 + y", "y + 1"),
        ("1 - 2/(exp(2*x) + 1)", "tanh(x)"),
    ],
)
def test_sympy_finds_what_our_rules_do_not(text, short):
    assert render(simplify(parse(text, NAMES), ROWS, seconds=30.0), NAMES) == short


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_formula_keeps_its_values_and_never_grows(text):
    expression = parse(text, NAMES)
    found = simplify(expression, ROWS, seconds=0.0)
    assert complexity(found) <= complexity(expression)
    assert agrees(evaluate(found, ROWS), evaluate(expression, ROWS))


@property_test
@given(expressions)
def test_simplifying_keeps_the_values_and_adds_nothing(expression):
    found = simplify(expression, ROWS, seconds=0.0)
    assert agrees(evaluate(found, ROWS), evaluate(expression, ROWS))
    assert complexity(found) <= complexity(expression)
    assert len(constants(found)) <= len(constants(expression))


def test_free_constants_keep_their_digits_through_sympy():
    expression = parse(
        "0.1234567890123456*x**2 + 0.2469135780246912*x*y + 0.1234567890123456*y**2 + z", NAMES
    )
    found = simplify(expression, ROWS, seconds=30.0)
    assert all(isinstance(constant, Constant) for constant in constants(found))
    assert agrees(evaluate(found, ROWS), evaluate(expression, ROWS))


def test_the_time_limit_holds_in_a_thread_with_an_expression_that_sympy_hangs_on():
    terms = " + ".join(f"sin({k}*x + y)**{k}*cos({k}*z)**{k + 1}/(x + {k}*y)" for k in range(2, 14))
    expression = parse(terms, NAMES)
    spent = []

    def work():
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        simplify(expression, ROWS, seconds=2.0)
        spent.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(100)
    assert spent
    assert spent[0] < 4.0


def test_what_the_child_found_before_the_limit_counts(monkeypatch):
    monkeypatch.setattr(module, "_child_lines", lambda request, deadline: ["(x0 + x1)**2", "garbage(", "x0"])
    found = simplify(parse("x**2 + 2*x*y + y**2", NAMES), ROWS, seconds=5.0)
    assert render(found, NAMES) == "(x + y)**2"  # and not the shorter x0, which has other values


def test_a_child_that_cannot_start_is_no_error(monkeypatch):
    monkeypatch.setattr(module.sys, "executable", "/nonexistent/python")
    expression = parse("x**2 + 2*x*y + y**2", NAMES)
    assert agrees(evaluate(simplify(expression, ROWS), ROWS), evaluate(expression, ROWS))
