"""Random expressions through compilers and interpreters: what they compute is what numpy computes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sources import NAMES, RANGES, ROWS
from tools import TOOLS

from kancli.export import export
from kancli.export.check import _true_value
from kancli.symbolic.expression import (
    FUNCTIONS,
    Constant,
    Expression,
    Variable,
    add,
    call,
    evaluate,
    exact,
    multiply,
    power,
)
from kancli.symbolic.text.printer import render

EXACT = (
    "2",
    "3",
    "-1",
    "1/2",
    "-7/3",
    "pi",
    "1/(2*pi)",
    "sqrt(2)/3",
    "-3/2",
    "exp(-1)",
    "100000000000000000000",
)
EXPONENTS = ("2", "3", "-1", "-2", "5", "1/2", "-3/2", "1/3", "7")
COUNT = 120
# What all of the languages below can write, save what is flat but for jumps: beside one, rounding decides.
WRITTEN = [name for name, entry in FUNCTIONS.items() if not entry.exports.keys() and entry.traits is not None]


def random_expression(rng: np.random.Generator, depth: int) -> Expression:
    """Any node over any others, with signs and numbers of every size."""
    kind = rng.integers(0, 9) if depth else rng.integers(0, 4)
    if kind < 2:
        return Variable(int(rng.integers(0, 3)))
    if kind == 2:
        return Constant(float(rng.normal() * 10.0 ** rng.integers(-3, 4)))
    if kind == 3:
        return exact(str(rng.choice(EXACT)))
    parts = [random_expression(rng, depth - 1) for _ in range(3)]
    if kind < 6:
        return add(*parts) if kind == 4 else multiply(*parts)
    if kind == 6:
        return call(str(rng.choice(WRITTEN)), parts[0])
    if kind == 7:
        return power(parts[0], exact(str(rng.choice(EXPONENTS))))
    return power(parts[0], Constant(float(rng.uniform(-2, 2))))


POINTS = ROWS[:6]


def expressions() -> list[Expression]:
    """Those with a value somewhere: gfortran refuses to compile log(-1)."""
    rng = np.random.default_rng(11)
    found: list[Expression] = []
    while len(found) < COUNT:
        expression = random_expression(rng, 3)
        if np.isfinite(evaluate(expression, POINTS)).any():
            found.append(expression)
    return found


EXPRESSIONS = expressions()


def renamed(format: str, index: int) -> str:
    """The function alone, with a name of its own."""
    text = render(EXPRESSIONS[index], NAMES)
    ranges = {name: list(ends) for name, ends in zip(NAMES, RANGES, strict=True)}
    source = export({"formula": text, "inputs": NAMES, "target": "t", "data": {"ranges": ranges}}, format)
    return re.sub(r"\b(predict_formula|predict|formula|sign_of)\b", rf"\1_{index}", source)


def table(start: str, end: str, separator: str = ", ") -> str:
    return separator.join(f"{start}{', '.join(map(repr, map(float, row)))}{end}" for row in POINTS)


def c(sources: list[str]) -> str:
    calls = "".join(
        f'for (int i = 0; i < 6; i++) printf("%.17g\\n", predict_{k}(r[i][0], r[i][1], r[i][2]));\n'
        for k in range(len(sources))
    )
    return "\n".join(
        [
            *sources,
            "#include <stdio.h>",
            f"int main(void) {{ static const double r[6][3] = {{{table('{', '}')}}};",
            calls,
            "return 0; }",
        ]
    )


def fortran(sources: list[str]) -> str:
    uses = "".join(f"use formula_{k}, only: predict_{k}\n" for k in range(len(sources)))
    calls = "".join(
        f'print "(es26.17e3)", (predict_{k}(r(1, i), r(2, i), r(3, i)), i = 1, 6)\n'
        for k in range(len(sources))
    )
    cells = ", &\n".join(f"{float(cell)!r}d0" for cell in POINTS.ravel())
    head = f"double precision :: r(3, 6) = reshape([{cells}], [3, 6])\ninteger :: i\n"
    return "\n".join([*sources, f"program p\n{uses}implicit none\n{head}{calls}end program p"])


def rust(sources: list[str]) -> str:
    modules = [f"mod m{k} {{\n{source}\n}}" for k, source in enumerate(sources)]
    calls = "".join(
        f'for r in rows {{ println!("{{:e}}", m{k}::predict_{k}(r[0], r[1], r[2])); }}\n'
        for k in range(len(sources))
    )
    return "\n".join([*modules, f"fn main() {{ let rows = [{table('[', ']')}];\n{calls} }}"])


def javascript(sources: list[str]) -> str:
    kept = [source.rpartition("\nif (typeof module")[0] for source in sources]
    calls = "".join(
        f"for (const r of rows) console.log(String(predict_{k}(...r)));\n" for k in range(len(sources))
    )
    return "\n".join([*kept, f"const rows = [{table('[', ']')}];\n{calls}"])


def r(sources: list[str]) -> str:
    cells = ", ".join(map(repr, map(float, POINTS.T.ravel())))
    calls = "".join(
        f'cat(sprintf("%.17g\\n", suppressWarnings(predict_formula_{k}(m[,1], m[,2], m[,3])) + 0*m[,1]), sep="")\n'
        for k in range(len(sources))
    )
    return "\n".join([*sources, f"m <- matrix(c({cells}), ncol = 3)\n{calls}"])


DRIVERS: dict[str, tuple[Callable[[list[str]], str], int]] = {
    "c": (c, COUNT),
    "javascript": (javascript, COUNT),
    "fortran": (fortran, 40),
    "r": (r, COUNT),
    "rust": (rust, 40),
}


@pytest.mark.parametrize("format", DRIVERS)
def test_random_expressions_give_the_values_of_numpy(format: str, tmp_path: Path) -> None:
    driver, count = DRIVERS[format]
    source = driver([renamed(format, index) for index in range(count)])
    code, out = TOOLS[format].execute(source, tmp_path)
    assert code == 0, out[:2000]
    got = np.array([number(line) for line in out.split()]).reshape(count, len(POINTS))
    compared = 0
    for index in range(count):
        expected = evaluate(EXPRESSIONS[index], POINTS)
        for place, row in enumerate(POINTS):
            true = _true_value(EXPRESSIONS[index], list(row))
            if true is None:
                continue
            # Where float64 itself loses digits, or a power leaves its range, there is nothing to hold a program to.
            if not abs(expected[place] - true) <= 1e-13 * abs(true) or not 1e-290 < abs(true) < 1e290:
                continue
            compared += 1
            text = render(EXPRESSIONS[index], NAMES)
            assert got[index, place] == pytest.approx(expected[place], rel=1e-12, abs=0), text
    assert compared > 2 * count  # or the test would say nothing


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
