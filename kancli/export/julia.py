"""One Julia function of numbers; predict.(a, b) takes arrays."""

from __future__ import annotations

from math import inf

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import JULIA
from kancli.export.source import Source
from kancli.export.spelling import calls_in_domain, definitions, partial
from kancli.symbolic.elementary import Elementary
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a Julia function"

# Whole numbers are Int64 and overflow; 2.0^x does not. Whole exponents stay whole: x^2 is exact.
_DIALECT = Dialect(
    functions=calls_in_domain("julia"),
    power="pow_({base}, {exponent})",
    whole_power="{base}^{exponent}",
    square_root="sqrt_({})",
    whole_numbers=False,
)


def _outside(entry: Elementary) -> str:
    """The condition on v under which the function has no value."""
    if entry.low == -entry.high:
        return f"abs(v) > {round(entry.high)}"
    return f"v < {round(entry.low)}" if entry.low > -inf else f"v > {round(entry.high)}"


# Julia's own functions throw a DomainError where the others give nan.
_HELPERS = {
    "sqrt_": "sqrt_(v) = v < 0 ? NaN : sqrt(v)",
    **{
        f"{entry.name}_": f"{entry.name}_(v) = {_outside(entry)} ? NaN : {entry.name}(v)"
        for entry in partial("julia")
    },
    "pow_": "pow_(v, p) = v < 0 && !isinteger(p) ? NaN : v^p",
    **definitions("julia"),
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
