"""Exports with --with-test are compiled or run by the language's own tool, where the machine has it."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sources import EVERYTHING, NAMES, ROWS, metadata
from tools import TOOLS

from kancli.errors import UsageError
from kancli.export import export, formats
from kancli.symbolic.expression import FUNCTIONS, evaluate
from kancli.symbolic.text.parser import parse

# Words that mean something in one language or another, a pair that differs in case only, and no ASCII at all.
HOSTILE = [("int", "lambda", "end"), ("M_PI", "θ", "*/ \\"), ("m", "M", "np"), ("_a", "unix", "sign_of")]
SPREAD = ("_x", "T [K]", '"""; exit(0); #')


@pytest.mark.parametrize("format", TOOLS)
def test_a_file_with_a_test_runs_and_finds_every_row_right(format: str, tmp_path: Path) -> None:
    source = export(metadata(EVERYTHING, SPREAD, "if */ \n end"), format, with_test=True)
    code, out = TOOLS[format].execute(source, tmp_path)
    assert out.split() == ["5", "of", "5", "rows", "agree", "to", "1e-12"]
    assert code == 0


@pytest.mark.parametrize("format", [name for name in TOOLS if name not in ("torch", "jax")])
def test_a_wrong_formula_is_told_and_exits_with_1(format: str, tmp_path: Path) -> None:
    source = export(metadata("x*y - 0.75*z"), format, with_test=True)
    head, _, rest = source.rpartition("0.75")  # the last one: the first stands in the comment
    code, out = TOOLS[format].execute(head + "0.75000000001" + rest, tmp_path)
    assert code == 1
    assert "0 of 5" in out
    assert "expected" in out


@pytest.mark.parametrize("columns", HOSTILE, ids=lambda columns: " ".join(columns))
@pytest.mark.parametrize("format", ["c", "fortran", "javascript", "python"])
def test_any_column_can_be_a_parameter(format: str, columns: tuple[str, ...], tmp_path: Path) -> None:
    source = export(metadata("x - pi*y/z + sign(x)", columns), format, with_test=True)
    assert TOOLS[format].execute(source, tmp_path)[0] == 0


@pytest.mark.parametrize("format", ["c++", "rust", "octave", "r"])
def test_hostile_columns_together_in_the_slower_tools(format: str, tmp_path: Path) -> None:
    """One run each: the names that this language minds most."""
    columns = {
        "c++": ("class", "xor", "std"),
        "rust": ("fn", "PI", "f64"),
        "octave": ("end", "pi", "i"),
        "r": ("function", "T", "_b"),
    }
    source = export(metadata("x - pi*y/z + sign(x)", columns[format]), format, with_test=True)
    assert TOOLS[format].execute(source, tmp_path)[0] == 0


def test_a_long_formula_is_cut_into_lines_that_fortran_allows(tmp_path: Path) -> None:
    source = export(metadata(" + ".join(f"{k}.123456789e-9*x**{k}" for k in range(1, 60))), "fortran")
    code_lines = [line for line in source.splitlines() if not line.startswith("!")]
    assert max(map(len, code_lines)) <= 132
    assert len(code_lines) > 20
    program = source + "\nprogram p\n use formula\n print *, predict(0.5d0, 1d0, 1d0)\nend program p"
    assert TOOLS["fortran"].execute(program, tmp_path)[0] == 0


def test_octave_says_nan_where_there_is_no_real_value(tmp_path: Path) -> None:
    for part in ("x**(3/2)", "sqrt(x)", "log(x)", "asin(3*x)", "acosh(x - 5)", "x**1.7", "atanh(x)"):
        assert "real_(" in export({"formula": part, "inputs": ["x"], "target": "t"}, "octave"), part
    source = export({"formula": "x**(3/2) + 1", "inputs": ["x"], "target": "t"}, "octave")
    code, out = TOOLS["octave"].execute(
        source, tmp_path, script="v = predict([-2 1]); assert(isreal(v) && isnan(v(1)))"
    )
    assert code == 0, out


def test_torch_keeps_gradients_and_types() -> None:
    import torch

    module: dict[str, object] = {}
    exec(export(metadata("x**2*sqrt(2) + exp(1/2)*y"), "torch"), module)
    x = torch.tensor([1.0, 2.0], dtype=torch.float32, requires_grad=True)
    value = module["predict"](x, torch.tensor(1.0), 0)  # type: ignore[operator]
    value.sum().backward()
    assert value.dtype == torch.float32
    assert x.grad is not None
    torch.testing.assert_close(x.grad, 2 * 2**0.5 * x.detach())


def spreadsheet_functions() -> dict[str, Any]:
    """Those of Excel that are meant. Its formulas read as Python: they have no ^, whose precedence differs."""
    named = {name.upper(): elementary.value for name, elementary in FUNCTIONS.items()}
    more = {"LN": np.log, "POWER": np.power, "SQRT": np.sqrt, "PI": lambda: math.pi, "N": lambda text: 0}
    return {**named, **more, "AND": lambda *cells: all(cells), "TRUE": True}


def test_a_spreadsheet_finds_its_own_rows_right() -> None:
    source = export(metadata(EVERYTHING, SPREAD), "excel", with_test=True)
    cells = [line.split("\t") for line in source.splitlines()]
    assert [len(line) for line in cells] == [6] * 7
    known: dict[str, Any] = spreadsheet_functions()
    for number, line in enumerate(cells[1:6], 2):
        for letter, cell in zip("ABCDEF", line, strict=True):
            known[f"{letter}{number}"] = eval(cell.removeprefix("="), known)
        assert known[f"F{number}"]
        known[f"E{number}"] *= 1 + 2e-12
        assert not eval(line[5].removeprefix("="), known)
    assert cells[6][5] == "=AND(F2:F6)"


def test_one_cell_computes_what_the_sheet_does() -> None:
    document = metadata(EVERYTHING, SPREAD)
    line = export(document, "excel", with_test=True).splitlines()[1].split("\t")
    known = {**spreadsheet_functions(), **dict(zip(("A2", "B2", "C2"), map(float, line), strict=False))}
    assert eval(export(document, "excel").removeprefix("="), known) == pytest.approx(
        float(line[4]), rel=1e-12
    )


def test_the_julia_expression_computes_the_formula_and_has_no_integer_to_overflow() -> None:
    """Read as Python, with ** for ^, which binds as tightly in both: machines seldom have Julia."""
    body = export(metadata(EVERYTHING), "julia").rpartition("    return ")[2].removesuffix("\nend")
    assert not re.search(r"(?<![\w.^])(?<!e[-+])\d+(?![\d.e])", body)
    known = {name: elementary.value for name, elementary in FUNCTIONS.items()}
    known |= {f"{name}_": known[name] for name in ("log", "asin", "acos", "acosh", "atanh")}
    values = {
        "pi": math.pi,
        "pow_": np.power,
        "sqrt_": np.sqrt,
        "x": ROWS[:, 0],
        "y": ROWS[:, 1],
        "z": ROWS[:, 2],
    }
    got = eval(body.replace("^", "**"), {**known, **values})
    np.testing.assert_allclose(got, evaluate(parse(EVERYTHING, NAMES), ROWS), rtol=1e-12)


@pytest.mark.parametrize("format", [name for name in formats() if name not in {*TOOLS, "excel"}])
def test_what_is_no_program_cannot_check_itself(format: str) -> None:
    with pytest.raises(UsageError, match="not a program") as caught:
        export(metadata("x"), format, with_test=True)
    assert "c++" in str(caught.value.hint)


def test_a_formula_without_values_in_the_ranges_cannot_be_checked() -> None:
    document = {**metadata("x"), "formula": "log(-1 - x**2)"}
    with pytest.raises(UsageError, match="no row in the ranges"):
        export(document, "c", with_test=True)


def test_a_formula_without_ranges_cannot_be_checked() -> None:
    with pytest.raises(UsageError, match="ranges"):
        export({"formula": "x", "inputs": ["x"], "target": "t"}, "c", with_test=True)


def test_rows_are_inside_the_ranges_and_always_the_same() -> None:
    document = metadata("x*y")
    source = export(document, "c", with_test=True)
    rows = [[float(cell) for cell in found.split(",")] for found in re.findall(r"\{(-?\d[^{}]*)\}", source)]
    assert len(rows) == 5
    for x, y, z, expected in rows:
        assert -0.9 <= x <= 0.9
        assert 0.2 <= y <= 0.9
        assert 1.1 <= z <= 3.0
        assert expected == x * y
    assert export(document, "c", with_test=True) == source
