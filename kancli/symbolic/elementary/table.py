"""The table. A new function is one more entry; every entry is tested by `tests/symbolic/elementary/test_table.py`.

The order is that of the library among functions of one complexity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from kancli.symbolic.elementary.entry import TINY, Elementary, Traits, Written
from kancli.symbolic.elementary.erf import ERF
from kancli.symbolic.elementary.sign import SIGN_WRITTEN
from kancli.symbolic.elementary.special import SPECIAL

_ENTRIES = (
    Elementary(
        name="exp",
        value=np.exp,
        derivative=lambda u, v: v,
        sign="positive",
        undoes="log",
        exact_values=(("0", "1"),),
        latex=r"\exp",
        # exp(u + b) is exp(b)·exp(u), and exp(a·log u) a power.
        traits=Traits(complexity=2, shift="fixed", trivial_over=("log",)),
    ),
    Elementary(
        name="log",
        value=np.log,
        derivative=lambda u, v: 1 / u,
        low=TINY,
        undoes="exp",
        exact_values=(("1", "0"),),
        spellings=("ln",),
        latex=r"\log",
        exports={"excel": Written("LN"), "rust": Written("f64::ln")},
        traits=Traits(complexity=2, scale="sign", at_zero="branch"),
    ),
    Elementary(
        name="sin",
        value=np.sin,
        derivative=lambda u, v: np.cos(u),
        parity=-1,
        undoes="asin",
        latex=r"\sin",
        traits=Traits(complexity=3, wave=0, period=2 * math.pi, trivial_over=("arcsin",)),
    ),
    Elementary(
        name="cos",
        value=np.cos,
        derivative=lambda u, v: -np.sin(u),
        parity=1,
        undoes="acos",
        exact_values=(("0", "1"),),
        latex=r"\cos",
        traits=Traits(complexity=3, wave=1, period=2 * math.pi, twin="sin"),
    ),
    Elementary(
        name="tan",
        value=np.tan,
        derivative=lambda u, v: 1 + v * v,
        parity=-1,
        undoes="atan",
        latex=r"\tan",
        traits=Traits(
            complexity=4,
            period=math.pi,
            dense_starts=True,
            worth_multiplying=False,
            trivial_over=("arctan",),
        ),
    ),
    Elementary(
        name="tanh",
        value=np.tanh,
        derivative=lambda u, v: 1 - v * v,
        parity=-1,
        undoes="atanh",
        latex=r"\tanh",
        traits=Traits(complexity=4, saturates=True, remote=6.0, dense_starts=True),
    ),
    Elementary(
        name="sinh",
        value=np.sinh,
        derivative=lambda u, v: np.cosh(u),
        parity=-1,
        undoes="asinh",
        latex=r"\sinh",
        traits=Traits(complexity=4, grows=True, remote=6.0, dense_starts=True, worth_multiplying=False),
    ),
    Elementary(
        name="cosh",
        value=np.cosh,
        derivative=lambda u, v: np.sinh(u),
        parity=1,
        sign="positive",
        undoes="acosh",
        exact_values=(("0", "1"),),
        latex=r"\cosh",
        traits=Traits(complexity=4, grows=True, remote=6.0, dense_starts=True, worth_multiplying=False),
    ),
    Elementary(
        name="asin",
        value=np.arcsin,
        derivative=lambda u, v: 1 / np.sqrt((1 - u) * (1 + u)),
        low=-1.0,
        high=1.0,
        parity=-1,
        long="arcsin",
        latex=r"\arcsin",
        traits=Traits(complexity=4, worth_multiplying=False, trivial_over=("sin",)),
    ),
    Elementary(
        name="acos",
        value=np.arccos,
        derivative=lambda u, v: -1 / np.sqrt((1 - u) * (1 + u)),
        low=-1.0,
        high=1.0,
        exact_values=(("0", "pi/2"),),
        long="arccos",
        latex=r"\arccos",
        traits=Traits(complexity=4, twin="arcsin", worth_multiplying=False),
    ),
    Elementary(
        name="atan",
        value=np.arctan,
        derivative=lambda u, v: 1 / (1 + u * u),
        parity=-1,
        long="arctan",
        latex=r"\arctan",
        traits=Traits(complexity=4, saturates=True, remote=100.0, dense_starts=True, trivial_over=("tan",)),
    ),
    Elementary(
        name="asinh",
        value=np.arcsinh,
        derivative=lambda u, v: 1 / np.sqrt(1 + u * u),
        parity=-1,
        undoes="sinh",
        long="arcsinh",
        latex=r"\operatorname{arsinh}",
        # On a spline's few digits it is a logarithm.
        traits=Traits(complexity=5, tried="late", late_beside=("log", "sqrt")),
    ),
    Elementary(
        name="acosh",
        value=np.arccosh,
        derivative=lambda u, v: 1 / np.sqrt((u - 1) * (u + 1)),
        low=1.0,
        exact_values=(),
        long="arccosh",
        latex=r"\operatorname{arcosh}",
    ),
    Elementary(
        name="atanh",
        value=np.arctanh,
        derivative=lambda u, v: 1 / ((1 - u) * (1 + u)),
        low=-1.0,
        high=1.0,
        parity=-1,
        undoes="tanh",
        long="arctanh",
        latex=r"\operatorname{artanh}",
        # On a spline's few digits it is a tangent.
        traits=Traits(complexity=5, tried="late", late_beside=("log", "sqrt")),
    ),
    ERF,
    Elementary(
        name="abs",
        value=np.abs,
        derivative=lambda u, v: np.sign(u),
        parity=1,
        sign="not negative",
        sympy="Abs",
        mpmath="fabs",
        fences=("|", "|"),
        exports={"c": Written("fabs"), "c++": Written("std::fabs")},
        traits=Traits(complexity=3, scale="fixed", at_zero="kink"),
    ),
    Elementary(
        name="sign",
        value=np.sign,
        derivative=lambda u, v: np.zeros_like(u),
        parity=-1,
        latex=r"\operatorname{sign}",
        exports=SIGN_WRITTEN,
        on_edge="sgn",
        # Where the step lies is no parameter to follow a gradient in: it is searched among the rows.
        traits=Traits(
            complexity=3,
            scale="fixed",
            shift="fixed",
            at_zero="jump",
            worth_adding=False,
            worth_multiplying=False,
            worth_nesting=False,
        ),
    ),
)

FUNCTIONS: Mapping[str, Elementary] = {entry.name: entry for entry in (*_ENTRIES, *SPECIAL)}
