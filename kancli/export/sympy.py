"""A Python snippet that builds the sympy expression without interpreting any column name."""

from __future__ import annotations

from kancli.export.source import Source
from kancli.export.spelling import calls
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "Python code that builds the sympy expression"

SYMPY_CODE = Dialect(
    functions=calls("sympy", lambda entry: f"sympy.{entry.spelling}"),
    pi="sympy.pi",
    square_root="sympy.sqrt({})",
    fraction="sympy.Rational({}, {})",
)


def write(source: Source) -> str:
    symbols = tuple(f"x{index}" for index in range(len(source.columns)))
    lines = ["import sympy", ""]
    lines += [
        f"{symbol} = sympy.Symbol({column!r}, real=True)"
        for symbol, column in zip(symbols, source.columns, strict=True)
    ]
    body = render(source.expression, symbols, SYMPY_CODE)
    lines += [f"target = sympy.Symbol({source.target!r}, real=True)", ""]
    lines += [f"expression = sympy.sympify({body})", "equation = sympy.Eq(target, expression)"]
    return "\n".join(lines)
