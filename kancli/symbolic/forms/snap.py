"""Exact values for the named constants of a form, and the formula that it becomes.

As in `constants`, but a constant stays one wherever it occurs, and the form stays the form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.length import deviations, rounding_floor
from kancli.symbolic.constants.proposals import Proposal
from kancli.symbolic.constants.refit import CONVERGED, Refit, minimised
from kancli.symbolic.constants.situation import Situation, offered
from kancli.symbolic.description import error_bits, free_bits
from kancli.symbolic.expression.tree import Constant, Expression, exact
from kancli.symbolic.forms.form import Bound, Form
from kancli.symbolic.forms.multistart import Constants
from kancli.symbolic.formula import Formula, cut, finish, write
from kancli.symbolic.rewrite.simplify import simplify

Array = NDArray[np.float64]

# Bits that an exact value must save, as for other constants.
MARGIN = 2.0
STEPS = 100


@dataclass(frozen=True)
class Parameter:
    """A named constant: fitted with its standard error, or `exact` (its text) where the data allow it."""

    name: str
    value: float
    standard_error: float | None
    exact: str | None


@dataclass(frozen=True)
class _State:
    """Constants of a form, some of them exact; `inverse_gram` is over those that are free."""

    theta: Array
    names: tuple[Proposal | None, ...]
    sse: float
    inverse_gram: Array

    @property
    def free(self) -> NDArray[np.intp]:
        return np.array([k for k, proposal in enumerate(self.names) if proposal is None], dtype=np.intp)

    def leaves(self) -> list[Expression]:
        return [
            Constant(float(value)) if proposal is None else exact(proposal.number)
            for value, proposal in zip(self.theta, self.names, strict=True)
        ]


@dataclass(frozen=True)
class _Some:
    """A bound form as a function of some of its constants, the others held."""

    bound: Bound
    theta: Array
    free: NDArray[np.intp]

    def _all(self, free: Array) -> Array:
        theta = self.theta.copy()
        theta[self.free] = free
        return theta

    def value(self, theta: Array) -> Array:
        return self.bound.value(self._all(theta))

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        values, jacobian = self.bound.value_and_jacobian(self._all(theta))
        return values, jacobian[:, self.free]


def formula_of_form(
    form: Form,
    found: Constants,
    x: Array,
    y: Array,
    *,
    inputs: Sequence[str],
    target: str,
    validation: NDArray[np.bool_] | None = None,
    weight: Array | None = None,
    snapping: bool = True,
    seconds: float = 5.0,
) -> tuple[Formula, tuple[Parameter, ...]]:
    """The formula at the constants `found`, exact where that describes the data more briefly, and the constants.

    x (n, columns), y (n,), weight (n,) of squared residuals. Raises FitError as `finish` does.
    """
    bound = Bound.of(form, x)
    state = _refitted(
        bound, _State(found.theta, (None,) * len(form.names), found.sse, found.inverse_gram), y, weight
    )
    if snapping:
        state = _snapped(form, bound, state, x, y, weight)
    how = {"inputs": inputs, "target": target, "validation": validation, "weight": weight}
    parameters = _parameters(form, state, len(y))
    expression = form.with_values(state.leaves())
    if not form.shared:
        return finish(expression, x, y, snapping=snapping, seconds=seconds, **how), parameters  # type: ignore[arg-type]
    short = form.with_values(
        [
            leaf if parameter.exact or parameter.standard_error is None
            else Constant(cut(parameter.value, parameter.standard_error, 4))
            for leaf, parameter in zip(state.leaves(), parameters, strict=True)
        ]
    )  # fmt: skip
    formula = write(simplify(short, x, seconds), x, y, **how)  # type: ignore[arg-type]
    return _with_errors(formula, parameters), parameters


def _with_errors(formula: Formula, parameters: Sequence[Parameter]) -> Formula:
    """A constant that occurs twice is one constant: the standard errors are those of the form."""

    def known(value: float) -> float | None:
        same = (p for p in parameters if not p.exact and math.isclose(abs(p.value), abs(value), rel_tol=1e-3))
        return next((p.standard_error for p in same), None)

    return replace(
        formula,
        constants=tuple(
            each if each.snapped else replace(each, standard_error=known(each.value))
            for each in formula.constants
        ),
    )


def _parameters(form: Form, state: _State, rows: int) -> tuple[Parameter, ...]:
    free = state.free
    variance = state.sse / max(rows - len(free), 1)
    errors = dict(zip(free.tolist(), np.sqrt(variance * np.diag(state.inverse_gram)).tolist(), strict=True))
    return tuple(
        Parameter(
            name,
            float(state.theta[k]),
            errors[k] if k in errors and math.isfinite(errors[k]) else None,
            None if (proposal := state.names[k]) is None else proposal.number.text,
        )
        for k, name in enumerate(form.names)
    )


def _refitted(bound: Bound, state: _State, y: Array, weight: Array | None) -> _State:
    free = state.free
    some = _Some(bound, state.theta, free)
    theta, sse, inverse = minimised(some, state.theta[free], y, weight, STEPS, CONVERGED)
    return replace(state, theta=some._all(theta), sse=sse, inverse_gram=inverse)


def _snapped(form: Form, bound: Bound, state: _State, x: Array, y: Array, weight: Array | None) -> _State:
    """One constant after another, the one that saves most first, as long as the description gets shorter."""
    rows = len(y)
    floor = rounding_floor(form.with_values(state.leaves()), x, y)
    refused: set[tuple[int, str]] = set()
    while len(state.free):
        mse = state.sse / rows + floor**2
        theta = state.theta[state.free]
        now = Situation(form.expression, theta, state.inverse_gram, mse, rows)
        offers = []
        for position, k in enumerate(state.free.tolist()):
            gradient = np.eye(len(theta))[position]
            deviation = math.sqrt(max(state.inverse_gram[position, position], 0.0) * mse)
            worth = free_bits(float(theta[position]), deviation)
            for proposal, start, cost in offered(now, float(theta[position]), gradient, worth)[:1]:
                gain = worth - proposal.bits - cost
                if gain > 0 and (k, proposal.number.text) not in refused:
                    offers.append((gain, k, proposal, start))
        if not offers:
            break
        _, k, proposal, start = max(offers, key=lambda offer: (offer[0], -offer[1]))
        moved = state.theta.copy()
        moved[state.free] = start
        moved[k] = proposal.value
        named = tuple(proposal if i == k else other for i, other in enumerate(state.names))
        trial = _refitted(bound, _State(moved, named, math.inf, np.empty((0, 0))), y, weight)
        if _bits(trial, rows, floor) < _bits(state, rows, floor) - MARGIN:
            state = trial
        else:
            refused.add((k, proposal.number.text))
    return state


def _bits(state: _State, rows: int, floor: float) -> float:
    """The description length, without what all values of a form have in common."""
    mse = state.sse / rows + floor**2
    if not math.isfinite(mse):
        return math.inf
    fitted = Refit(Constant(0.0), state.sse, state.inverse_gram, state.inverse_gram)
    total = error_bits(mse, rows, len(state.free)) + sum(p.bits for p in state.names if p is not None)
    for k, deviation in zip(state.free.tolist(), deviations(fitted, mse), strict=True):
        total += free_bits(float(state.theta[k]), float(deviation))
    return total
