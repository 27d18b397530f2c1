"""One C++ function (C++11 and later) that may stand in a header."""

from __future__ import annotations

from kancli.export.c_like import PI, dialect, main_function
from kancli.export.check import Check
from kancli.export.layout import mentions, remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import CPP
from kancli.export.source import Source
from kancli.export.spelling import definitions
from kancli.symbolic.expression.tree import variables
from kancli.symbolic.text.printer import render

DESCRIPTION = "a C++ function (C++11)"


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, CPP)
    body = render(source.expression, parameters, dialect("c++", "std::"))
    lines = remarks(source, parameters, "//")
    if check is not None:
        lines += ["//", "// checks itself: c++ -O2 FILE.cpp && ./a.out"]
    lines += ["#include <cmath>", *(["#include <cstdio>"] if check is not None else []), ""]
    lines += used(body, definitions("c++"))
    occurring = variables(source.expression)
    # An unused parameter without a name gives no warning.
    listed = [
        f"double {name}" if index in occurring else f"double /* {name} */"
        for index, name in enumerate(parameters)
    ]
    lines += [f"inline double predict({', '.join(listed)})", "{"]
    if mentions(body, "pi"):
        lines += [f"    const double pi = {PI};"]
    lines += [f"    return {body};", "}"]
    if check is not None:
        lines += ["", *(line.replace(" printf(", " std::printf(") for line in _main(check))]
    return "\n".join(lines)


def _main(check: Check) -> list[str]:
    return main_function(check, "predict", "std::fabs", "static const")
