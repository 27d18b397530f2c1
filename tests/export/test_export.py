"""Exports: what is written computes what the formula computes, whatever the columns are called."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import cast, get_args
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy

from kancli.errors import CheckpointError, UsageError
from kancli.export import description, export, formats
from kancli.export.names import plain_names, python_names
from kancli.export.reserved import C
from kancli.recipe.export_formats import ALIASES, FORMATS, ExportAlias, format_of_file
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import write
from kancli.symbolic.text.parser import parse

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


@pytest.mark.parametrize(
    ("name", "format"),
    [("cpp", "c++"), ("C", "c"), ("js", "javascript"), ("matlab", "octave"), ("R", "r"), ("numpy", "python")],
)
def test_formats_go_by_the_names_that_people_use(name, format):
    written = formula("x*y")
    assert export(written, name) == export(written, format)


def test_every_alias_means_a_format():
    assert get_args(ExportAlias) == tuple(ALIASES)
    assert set(ALIASES.values()) <= set(FORMATS) == set(formats())
    assert not set(ALIASES) & set(FORMATS)


@pytest.mark.parametrize(
    ("file", "format"),
    [("law.c", "c"), ("a/law.CPP", "c++"), ("x.f90", "fortran"), ("law.R", "r"), ("law.json", "json"),
     ("law.m", "octave"), ("law", "text"), ("law.dat", "text"), ("", "text")],
)  # fmt: skip
def test_the_ending_of_a_file_tells_the_format(file, format):
    assert format_of_file(file) == format


@pytest.mark.parametrize(
    ("column", "name"),
    [("θ", "theta"), ("Ω", "Omega"), ("Länge", "Lange"), ("_x", "x_x"), ("int", "int_"), ("日", "x_")],
)
def test_names_become_those_of_any_language(column, name):
    assert plain_names([column], C) == (name,)


def test_names_stay_apart():
    assert plain_names(["m", "M", "M_", "end"], frozenset({"End"}), folds_case=True) == (
        "m", "M__", "M_", "end_")  # fmt: skip
    assert plain_names(["θ", "theta", "int", "int_"], C) == ("theta_", "theta", "int__", "int_")
    assert python_names(["np", "np_"], frozenset({"np"})) == ("np__", "np_")
    assert len(set(plain_names(["a" * 99, "a" * 98], C))) == 2


def test_units_ranges_and_unused_columns_are_told():
    document = {
        "formula": "T_K*2", "inputs": ["T [K]", "m"], "target": "E", "data": {"ranges": {"T [K]": [273.15, 400]}},
        "recipe": {"units": {"E": "J", "m": "kg"}},
    }  # fmt: skip
    assert export(document, "c").splitlines()[:5] == [
        "// E = T_K*2",
        "//",
        '// T_K: column "T [K]", 273.1 to 400 in the data',
        '// m: column "m" in kg; not in the formula',
        '// returns column "E" in J',
    ]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e22, 5e-324, 1.7976931348623157e308, 123456789.123])
def test_numbers_read_back_as_they_are(value):
    text = export({"formula": f"x + {value!r}", "inputs": ["x"], "target": "t"}, "c")
    (number,) = re.findall(r"return x \+ (.*);", text)
    assert float(number) == value


@pytest.mark.parametrize("text", TEXTS)
def test_mathml_is_well_formed_and_holds_the_numbers(text):
    root = ElementTree.fromstring(export(formula(text, ("<a>", "θ & \0φ", "x_1"), target="v_max"), "mathml"))
    assert root.tag.endswith("math")
    for element in root.iter():
        kind = element.tag.partition("}")[2]
        if kind in ("mfrac", "msup", "msub"):
            assert len(element) == 2
        if kind == "mn":
            float(element.text)


def test_mathml_is_the_equation():
    root = ElementTree.fromstring(export(formula("x**2/sqrt(1 - y)", target="E_kin"), "mathml"))
    assert "".join(root.itertext()) == "Ekin=a21-b"


def test_a_spreadsheet_formula_has_no_operator_for_powers_and_names_its_cells():
    text = export(formula("-x**2 + z/3", ("a", 'b"', "c")), "excel")
    assert text == '=C2/3 - POWER(A2,2)+N("t: A2 is a, B2 is b\', C2 is c")'


@pytest.mark.parametrize(
    ("left", "words"), [(1, "1 edge is still a spline"), (3, "3 edges are still splines")]
)
@pytest.mark.parametrize("format", formats())
def test_a_formula_with_splines_left_is_refused(left, words, format):
    document = {"formula": "2*spline_0_1_0(a)", "inputs": ["a"], "target": "t", "splines_left": left}
    with pytest.raises(UsageError, match=words) as caught:
        export(document, format)
    assert "kan symbolify" in str(caught.value.hint)


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


def test_a_format_that_cannot_write_a_function_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast(dict, FUNCTIONS), "tan", replace(FUNCTIONS["tan"], exports={"excel": None}))
    with pytest.raises(UsageError, match="excel cannot write tan") as refused:
        export({"formula": "x + 2*tan(x)", "inputs": ["x"], "target": "t"}, "excel")
    assert "c++" in str(refused.value.hint)
    assert "excel" not in str(refused.value.hint)
    assert "SIN" in export({"formula": "x + sin(x)", "inputs": ["x"], "target": "t"}, "excel")


@pytest.mark.parametrize("name", ["=cmd()", "+A1", "-->", "@SUM(A1)", "'x"])
def test_a_column_named_like_a_spreadsheet_formula_is_a_text_in_the_sheet(name):
    columns = (name, "b", "c")
    ranges = {"data": {"ranges": {column: [1.0, 2.0] for column in columns}}}
    found = {**formula("x", columns).metadata(), **ranges}
    first = export(found, "excel", with_test=True).splitlines()[0]
    assert first.split("\t")[0] == f"'{name}"
