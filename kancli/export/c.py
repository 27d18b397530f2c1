"""One C function (C99 and later), to be compiled with -lm."""

from __future__ import annotations

from kancli.export.c_like import PI, dialect, main_function
from kancli.export.check import Check
from kancli.export.layout import mentions, remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import C
from kancli.export.source import Source
from kancli.export.spelling import definitions
from kancli.symbolic.expression.tree import variables
from kancli.symbolic.text.printer import render

DESCRIPTION = "a C function (C99)"


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, C)
    body = render(source.expression, parameters, dialect("c"))
    lines = remarks(source, parameters, "//")
    if check is not None:
        lines += ["//", "// checks itself: cc -O2 FILE.c -lm && ./a.out"]
    lines += ["#include <math.h>", *(["#include <stdio.h>"] if check is not None else []), ""]
    lines += used(body, definitions("c"))
    lines += [f"double predict({', '.join(f'double {name}' for name in parameters)})", "{"]
    if mentions(body, "pi"):
        lines += [f"    const double pi = {PI};"]
    occurring = variables(source.expression)
    lines += [f"    (void){name};" for index, name in enumerate(parameters) if index not in occurring]
    lines += [f"    return {body};", "}"]
    if check is not None:
        lines += ["", *main_function(check, "predict", "fabs", "static const")]
    return "\n".join(lines)
