"""The formula of a symbolified network in the users' names, checked as it is printed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.errors import FitError, UnprintableFormula
from kancli.symbolic.constants.length import deviations
from kancli.symbolic.constants.refit import Refit, refit
from kancli.symbolic.constants.snap import snap
from kancli.symbolic.description import RESOLUTION, free_bits, left_over
from kancli.symbolic.errors.fit import ErrorFit, Errors
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import (
    Constant,
    Expression,
    Power,
    children,
    complexity,
    constants,
    with_constants,
)
from kancli.symbolic.rewrite.canonical import canonical
from kancli.symbolic.rewrite.hyperbolic import without_hyperbolics
from kancli.symbolic.rewrite.simplify import agrees, simplify
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render
from kancli.symbolic.written_form.form import written


@dataclass(frozen=True)
class ConstantReport:
    """A constant of the formula: free with its standard error, or snapped to what `snapped` writes; `name` in a form
    that was given."""

    value: float
    standard_error: float | None
    snapped: str | None
    name: str | None = None

    def entry(self) -> dict[str, Any]:
        """As `kan fit --json` shows it."""
        named = {} if self.name is None else {"name": self.name}
        return {
            **named,
            "value": self.value,
            "standard_error": self.standard_error,
            "snapped": self.snapped,
        }


@dataclass(frozen=True)
class Formula:
    """A printed formula; every figure is that of `text`, read again and evaluated on the data.

    `text` is the right-hand side in sympy syntax, `symbols` maps each name in it that is not the column's own
    to the column. r² is None where it is undefined (a constant target, no held-out rows, values that
    are not finite). `unsnapped` is the text before any constant was made exact, `constant_bits` what each
    of its free constants costs: as many bits as the data determine of it, given those before it. `errors`: the model
    under which they were fitted, None for additive ones (r² and rmse are those of the target itself in any case).
    """

    text: str
    symbols: Mapping[str, str]
    latex: str
    expression: Expression
    r2: float | None
    r2_validation: float | None
    rmse: float | None
    complexity: int
    constants: tuple[ConstantReport, ...]
    inputs: tuple[str, ...]
    target: str
    unsnapped: str | None = None
    constant_bits: tuple[float, ...] = ()
    errors: Errors | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The name in `text` of each input column."""
        return safe_names(self.inputs)

    @property
    def free(self) -> int:
        """How many of its constants have no exact value."""
        return sum(1 for constant in self.constants if constant.snapped is None)

    def metadata(self) -> dict[str, Any]:
        """The keys of `kan fit --json` about the formula: plain JSON values, no nan."""
        return {
            "formula": self.text,
            "target": self.target,
            "inputs": list(self.inputs),
            "symbols": dict(self.symbols),
            "latex": self.latex,
            "r2": self.r2,
            "r2_validation": self.r2_validation,
            "rmse": self.rmse,
            "complexity": self.complexity,
            "constants": [each.entry() for each in self.constants],
            "unsnapped": self.unsnapped,
        }


def finish(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    inputs: Sequence[str],
    target: str,
    validation: NDArray[np.bool_] | None = None,
    weight: NDArray[np.float64] | None = None,
    snapping: bool = True,
    seconds: float = 5.0,
) -> Formula:
    """From a symbolified network's expression in raw units to the formula.

    x (n, d) and y (n,) raw; `validation` (n,) marks held-out rows, which decide nothing but veto snaps that
    spoil them. The free constants are finally re-fitted on all rows. `weight` (n,) multiplies squared residuals;
    the figures are weighted then as well. `seconds` bounds the simplification.
    Raises FitError where the expression is not finite on the rows, UnprintableFormula as `write` does.
    """
    held = np.zeros(len(y), dtype=bool) if validation is None else np.asarray(validation, dtype=bool)
    rows = ~held if not held.all() else held
    start = canonical(expression, x)
    raw = refit(start, x[rows], y[rows], None if weight is None else weight[rows]).expression
    if not np.all(np.isfinite(evaluate(raw, x))):
        # The domain's border may run between the rows of the fit and the held-out ones.
        raw = refit(start, x, y, weight).expression
    if not np.all(np.isfinite(evaluate(raw, x))):
        raise FitError(
            "the formula is not finite on every row of the data",
            "choose other functions with --lib, or drop the rows at which an input is 0",
        )
    final = _settled(_exact_and_short(raw, x, y, weight, held, snapping, seconds), x, y, weight)
    return write(
        final,
        x,
        y,
        inputs=inputs,
        target=target,
        validation=held,
        weight=weight,
        unsnapped=render(_settled(raw, x, y, weight), safe_names(inputs)),
    )


def _exact_and_short(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    held: NDArray[np.bool_],
    snapping: bool,
    seconds: float,
) -> Expression:
    """Snapped and simplified, twice: simplifying shows which of the constants left mean something."""

    def snapped(form: Expression) -> Expression:
        return without_hyperbolics(snap(form, x, y, held, weight) if snapping else form)

    short = simplify(snapped(expression), x, 0.0)
    if constants(short):
        short = simplify(snapped(short), x, 0.0)
    # The slow search for a shorter form comes once, when our own rules change nothing any more.
    shortest = simplify(short, x, seconds)
    if constants(shortest) and shortest != short:
        shortest = simplify(snapped(shortest), x, 0.0)
    return written(shortest, x)


def _settled(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
) -> Expression:
    """The free constants fitted on all rows, without digits that the data do not determine."""
    fitted = refit(expression, x, y, weight)
    return tidied(fitted.expression if math.isfinite(fitted.sse) else expression, x, y, weight)


def tidied(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
) -> Expression:
    """Free constants cut to a hundredth of their standard error where the fit does not notice."""
    free = constants(expression)
    if not free:
        return expression
    fitted = refit(expression, x, y, weight, steps=0)
    deviations = fitted.standard_errors
    for extra in (2, 4):
        values = [
            cut(constant.value, float(deviation), extra)
            for constant, deviation in zip(free, deviations, strict=True)
        ]
        shorter = with_constants(expression, values)
        # Digits that matter may make it overflow, which is no smaller error.
        with np.errstate(all="ignore"):
            difference = evaluate(shorter, x) - y
            squares = float(difference @ (difference if weight is None else weight * difference))
        if squares <= fitted.sse * (1 + 1e-6):
            return shorter
    return expression


def cut(value: float, deviation: float, extra: int) -> float:
    if not (deviation > 0 and math.isfinite(deviation)) or value == 0:
        return value
    # Two digits stay even of a constant that the data do not determine.
    return round(
        value, max(extra - math.floor(math.log10(deviation)), 1 - math.floor(math.log10(abs(value))))
    )


def write(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    inputs: Sequence[str],
    target: str,
    validation: NDArray[np.bool_] | None = None,
    weight: NDArray[np.float64] | None = None,
    unsnapped: str | None = None,
    under: ErrorFit | None = None,
) -> Formula:
    """Bring an expression into its written form, print it, read the text again and measure that.

    `under`: the fit of its constants under another model of the errors; their standard errors are those of that fit.

    Raises UnprintableFormula where the text has other values than the expression, or none where that has one.
    """
    form = written(expression, x)
    near, counts = (y, weight) if under is None else (under.target, under.weight)
    # What rules make of free constants has all the digits of a float64 again.
    expression = form if set(constants(form)) <= set(constants(expression)) else tidied(form, x, near, counts)
    names = safe_names(inputs)
    text = render(expression, names)
    values = evaluate(parse(text, names), x)
    if not agrees(values, evaluate(expression, x)):
        raise UnprintableFormula(f"the printed formula differs from the expression: {text}")
    held = np.zeros(len(y), dtype=bool) if validation is None else np.asarray(validation, dtype=bool)
    fitted = refit(expression, x, near, counts, steps=0)
    return Formula(
        text=text,
        symbols={name: column for name, column in zip(names, inputs, strict=True) if name != column},
        latex=latex(expression, inputs),
        expression=expression,
        r2=r_squared(values, y, weight),
        r2_validation=r_squared(values[held], y[held], None if weight is None else weight[held]),
        rmse=_finite(float(np.sqrt(np.average((values - y) ** 2, weights=weight)))) if len(y) else None,
        complexity=complexity(expression),
        constants=_reports(expression, fitted),
        inputs=tuple(inputs),
        target=target,
        unsnapped=unsnapped,
        constant_bits=_constant_bits(expression, fitted, y),
        errors=None if under is None else under.errors,
    )


def _constant_bits(expression: Expression, fitted: Refit, y: NDArray[np.float64]) -> tuple[float, ...]:
    mse = (
        fitted.sse / left_over(len(y), len(constants(expression)))
        + (RESOLUTION * (float(y.std()) or 1.0)) ** 2
    )
    if not math.isfinite(mse):
        return (math.inf,) * len(constants(expression))
    own = deviations(fitted, mse)
    return tuple(free_bits(c.value, float(d)) for c, d in zip(constants(expression), own, strict=True))


def r_squared(
    values: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> float | None:
    """1 − SS_res/SS_tot with nothing added; None on a constant or empty target, or values not finite.

    Both sums are weighted where there is `weight` (n,), and about the weighted mean.
    """
    if not len(y):
        return None
    if weight is not None:
        centred = y - np.average(y, weights=weight)
        total = float(weight @ (centred * centred))
        return _finite(1 - float(weight @ (values - y) ** 2) / total) if total > 0 else None
    centred = y - y.mean()
    total = float(centred @ centred)
    residual = values - y
    return _finite(1 - float(residual @ residual) / total) if total > 0 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _reports(expression: Expression, fitted: Refit) -> tuple[ConstantReport, ...]:
    """Every constant that is printed as a number, in the order of the tree."""
    errors = iter(fitted.standard_errors.tolist())
    reports: list[ConstantReport] = []

    def visit(node: Expression, is_exponent: bool) -> None:
        if isinstance(node, Constant):
            if node.exact is None:
                reports.append(ConstantReport(node.value, _finite(next(errors)), None))
            elif abs(node.value) != 1 and not (is_exponent and abs(node.value) == 0.5):
                reports.append(ConstantReport(node.value, None, node.exact))
        for index, part in enumerate(children(node)):
            visit(part, isinstance(node, Power) and index == 1)

    visit(expression, False)
    return tuple(reports)
