"""One Julia function of numbers; predict.(a, b) takes arrays."""

from __future__ import annotations

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import remarks, used
from kancli.export.names import plain_names
from kancli.export.real import REAL_FUNCTIONS
from kancli.export.reserved import JULIA
from kancli.export.source import Source
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a Julia function"

# Whole numbers are Int64 and overflow; 2.0^x does not. Whole exponents stay whole: x^2 is exact.
_DIALECT = Dialect(
    functions=REAL_FUNCTIONS,
    power="pow_({base}, {exponent})",
    whole_power="{base}^{exponent}",
    square_root="sqrt_({})",
    whole_numbers=False,
)
# Julia's own functions throw a DomainError where the others give nan.
_HELPERS = {
    "sqrt_": "sqrt_(v) = v < 0 ? NaN : sqrt(v)",
    "log_": "log_(v) = v < 0 ? NaN : log(v)",
    "asin_": "asin_(v) = abs(v) > 1 ? NaN : asin(v)",
    "acos_": "acos_(v) = abs(v) > 1 ? NaN : acos(v)",
    "acosh_": "acosh_(v) = v < 1 ? NaN : acosh(v)",
    "atanh_": "atanh_(v) = abs(v) > 1 ? NaN : atanh(v)",
    "pow_": "pow_(v, p) = v < 0 && !isinteger(p) ? NaN : v^p",
}


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, JULIA)
    body = render(source.expression, parameters, _DIALECT)
    lines = [*remarks(source, parameters, "#"), "#", "# arrays: predict.(…)"]
    if check is not None:
        lines += ["# checks itself: julia FILE.jl"]
    lines += [*used(body, _HELPERS), "", f"function predict({', '.join(parameters)})"]
    lines += [f"    return {body}", "end"]
    return "\n".join([*lines, *([] if check is None else _main(check))])


def _main(check: Check) -> list[str]:
    return [
        "",
        "if abspath(PROGRAM_FILE) == @__FILE__",
        "    # the inputs, then the expected value",
        "    rows = [",
        *(f"        ({numbers(row)})," for row in check.table),
        "    ]",
        "    agrees(row, got) =",
        f"        abs(got - row[end]) <= {TOLERANCE} * abs(row[end]) ||",
        '        (println("expected ", row[end], ", got ", got); false)',
        "    right = count(row -> agrees(row, predict(row[1:end-1]...)), rows)",
        f'    println(right, " of ", length(rows), " rows agree to {TOLERANCE}")',
        "    exit(right == length(rows) ? 0 : 1)",
        "end",
    ]
