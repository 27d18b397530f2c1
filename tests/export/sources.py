"""Formulas for the tests of exports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import write
from kancli.symbolic.text.parser import parse

NAMES = ("x", "y", "z")
RANGES = ((-0.9, 0.9), (0.2, 0.9), (1.1, 3.0))
ROWS = np.random.default_rng(0).uniform(*np.transpose(RANGES), (40, 3))

# Nearly every function; each way to write a power, a root, a fraction and an exact number; signs in every place.
EVERYTHING = (
    "exp(x)*log(y) - sin(x)*cos(y)/tan(z/4) + sinh(x)*cosh(y)/tanh(z) + asin(x) - acos(y)/3 + atan(z)"
    " + asinh(x)*acosh(z) - atanh(y)/2 + Abs(x)**2.5/7 + sign(x)*z - x**2/(2*y**2*z**3) + (x - z)**2 - (x*y)**3"
    " + y**(3/2)/3 - z**(-1.25) + 1/sqrt(2*pi)*exp(-1/2) + 2**x - y**x + 3*pi**2/4*x**7 + 6.674e-11*x - 1/3"
    " + sqrt(2)*x/(y/z) - 1e22*(1.5e-22 + x*1e-22) + sqrt(z)**3 - x*(-0.5)*y"
)


def metadata(
    text: str | Expression,
    columns: Sequence[str] = NAMES,
    target: str = "t",
    units: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A checkpoint's metadata as they come out of a file, for a formula in x, y and z."""
    tree = parse(text, NAMES) if isinstance(text, str) else text
    known = write(tree, ROWS, evaluate(tree, ROWS), inputs=columns, target=target).metadata()
    ranges = {column: list(ends) for column, ends in zip(columns, RANGES, strict=True)}
    more = {"data": {"ranges": ranges}, "recipe": {"units": dict(units or {})}, "splines_left": 0}
    return dict(json.loads(json.dumps({**known, **more})))
