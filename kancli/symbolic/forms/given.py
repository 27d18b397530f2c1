"""The formula that a form becomes at its constants, printed as the user wrote it: one set of constants everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UnprintableFormula
from kancli.symbolic.constants.length import deviations
from kancli.symbolic.constants.refit import Refit
from kancli.symbolic.description import RESOLUTION, free_bits, left_over
from kancli.symbolic.errors.fit import Errors
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Constant, complexity, exact
from kancli.symbolic.forms.digits import squares
from kancli.symbolic.forms.form import Bound, Form
from kancli.symbolic.forms.multistart import Constants, rounding
from kancli.symbolic.forms.snap import Parameter
from kancli.symbolic.forms.written import written
from kancli.symbolic.formula import ConstantReport, Formula, r_squared
from kancli.symbolic.rewrite.simplify import agrees
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.parser import parse

Array = NDArray[np.float64]

# Digits of constants: two more than certified values are compared in; more where the fit needs them.
DIGITS, MOST_DIGITS = 8, 17
# What rounding the constants may add to the sum of squares, as a share of it.
UNNOTICED = 1e-8


def as_given(
    form: Form,
    found: Constants,
    x: Array,
    y: Array,
    *,
    inputs: Sequence[str],
    target: str,
    validation: NDArray[np.bool_] | None = None,
    weight: Array | None = None,
    near: Array | None = None,
    counts: Array | None = None,
    errors: Errors | None = None,
) -> tuple[Formula, tuple[Parameter, ...]]:
    """The formula and its named constants with their standard errors.

    x (n, columns), y (n,), weight (n,) of squared residuals in the figures; `found` is the minimum for the target
    `near` (n,) and the weights `counts` (n,), y and `weight` unless the errors are not additive. `validation` (n,)
    marks the rows on which the held-out r² is taken. Raises UnprintableFormula where the text has other values.
    """
    near, counts = (y, weight) if near is None else (near, counts)
    theta = rounded(form, found, x, near, counts)
    text = written(form.text, {name: repr(value) for name, value in zip(form.names, theta, strict=True)})
    names = safe_names(inputs)
    expression = parse(text, names)
    values = evaluate(expression, x)
    if not agrees(values, evaluate(form.free(theta), x)):
        raise UnprintableFormula(f"the printed formula differs from the form: {text}")
    plain = form.with_values([exact(repr(value)) for value in theta])
    sse = squares(plain, x, near, counts, found.sse)
    free = left_over(len(y), len(theta))
    deviation = np.sqrt(sse / free * np.diag(found.inverse_gram))
    parameters = tuple(
        Parameter(name, value, float(error) if math.isfinite(error) else None, None)
        for name, value, error in zip(form.names, theta, deviation, strict=True)
    )
    held = np.zeros(len(y), dtype=bool) if validation is None else np.asarray(validation, dtype=bool)
    error = float(np.sqrt(np.average((values - y) ** 2, weights=weight)))
    return Formula(
        text=text,
        symbols={name: column for name, column in zip(names, inputs, strict=True) if name != column},
        latex=latex(expression, inputs),
        expression=expression,
        r2=r_squared(values, y, weight),
        r2_validation=r_squared(values[held], y[held], None if weight is None else weight[held]),
        rmse=error if math.isfinite(error) else None,
        complexity=complexity(expression),
        constants=tuple(ConstantReport(p.value, p.standard_error, None, p.name) for p in parameters),
        inputs=tuple(inputs),
        target=target,
        constant_bits=_bits(replace(found, theta=np.array(theta), sse=sse), y),
        errors=errors,
    ), parameters


def rounded(form: Form, found: Constants, x: Array, y: Array, weight: Array | None) -> list[float]:
    """The constants with as few digits, from DIGITS on, as the fit does not notice."""
    bound = Bound.of(form, x)
    for digits in range(DIGITS, MOST_DIGITS):
        theta = np.array([float(f"{value:.{digits}g}") for value in found.theta])
        residual = bound.value(theta) - y
        sse = float(residual @ (residual if weight is None else weight * residual))
        if sse <= (1 + UNNOTICED) * found.sse + rounding(y):
            return [float(value) for value in theta]
    return [float(value) for value in found.theta]


def _bits(found: Constants, y: Array) -> tuple[float, ...]:
    """What each constant costs: as many bits as the data determine of it, given those before it."""
    mse = found.sse / left_over(len(y), len(found.theta)) + (RESOLUTION * (float(y.std()) or 1.0)) ** 2
    if not math.isfinite(mse):
        return (math.inf,) * len(found.theta)
    own = deviations(Refit(Constant(0.0), found.sse, found.inverse_gram, found.inverse_gram), mse)
    return tuple(free_bits(float(v), float(d)) for v, d in zip(found.theta, own, strict=True))
