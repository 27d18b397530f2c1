"""The laws of motion behind trajectories: one per state.

1. The columns are smoothed, as far as cross-validation says (`smoothing`).
2. Sparse sums of terms are fitted in the integral form, from the simplest on (`pursuit`, `terms`): without the time
   first, and with it where that leaves more than noise.
3. Where they leave more than noise, the search of `kan fit` looks at the table of smoothed states and slopes; what it
   finds is judged in the integral form as well.
4. The constants of all laws are fitted to the integrated trajectories together (`integrate`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, from_memory
from kancli.dynamics.integral import Fit, Integral, integral_of
from kancli.dynamics.integrate import refined
from kancli.dynamics.pursuit import Law, judged, shortened, sparse_laws
from kancli.dynamics.smoothing import Smooth, smoother
from kancli.dynamics.terms import pool
from kancli.dynamics.trajectory import System
from kancli.errors import KanError
from kancli.recipe import FitOptions
from kancli.stages.progress import Progress, Report
from kancli.symbolic.expression import Expression, constants, with_constants
from kancli.symbolic.expression.form_of import FormKey, form_of
from kancli.symbolic.formula import cut

Array = NDArray[np.float64]

# A law leaves noise where it leaves at most so much more than the smooth curves do; or, of points without noise, at
# most this share of their changes.
AS_THE_CURVES, OF_CHANGES = 1.1, 3e-4
# A law has at most so many fitted constants: more describe any curve without noise.
FEW = 4
# Share of a state's time that the search on slopes may take.
SEARCH = 0.7
# Formulas of that search that are judged.
JUDGED = 25
# Rows of the table that the search sees, and the share of each trajectory's ends where slopes are least known.
ROWS, ENDS = 1500, 0.02
# Laws that are kept beside the best.
RIVALS = 8


@dataclass(frozen=True, eq=False)
class Motion:
    """The law of one state: its index, the expression in the columns of `table` (smoothed states, slope as the
    target), the rivals, whether it leaves only noise, and the noise as a share of the spread."""

    state: int
    law: Expression
    bits: float
    rivals: tuple[Law, ...]
    explains: bool
    noise: float
    left: float
    table: Dataset
    fit: Fit


@dataclass(frozen=True, eq=False)
class Found:
    """The laws of a system; `failed`: why a state has none, by its index. `starts`: the first state of each
    trajectory, as the curves have it. `refined`: whether the constants are those of integrated trajectories."""

    system: System
    names: tuple[str, ...]
    motions: tuple[Motion, ...]
    failed: dict[int, str]
    starts: tuple[Array, ...]
    order: int
    refined: bool


def find_laws(
    system: System,
    options: FitOptions,
    *,
    began: float,
    seed: int,
    jobs: int,
    report: Report,
    search: Callable[[Dataset, float], list[Expression]] | None = None,
) -> Found:
    """The laws of motion of a system of first or second order (`options.ode_order`).

    `search`: formulas for a table in some seconds, by default those of `kan fit`. Ends about `options.time_limit`
    seconds after `began`.
    """
    order = int(options.ode_order)
    deadline = began + options.time_limit
    curves = smooth_columns(system, order)
    names = columns_of(system, order)

    def by_search(table: Dataset, seconds: float) -> list[Expression]:
        return searched(table, options, seconds, seed, jobs, report)

    def tell(message: str) -> None:
        report(Progress("ode", 0, None, None, None, message))

    motions: list[Motion] = []
    failed: dict[int, str] = {}
    forms: dict[int, Integral] = {}
    for state, name in enumerate(system.states):
        share = max(deadline - time.monotonic(), 0.0) / (len(system.states) - state)
        tell(f"{target_of(name, system.time, order)}: sparse sums")
        found = law_of_state(system, curves, state, names, options, share, search or by_search, tell)
        if isinstance(found, str):
            failed[state] = found
            continue
        motion, forms[state] = found
        motions.append(motion)
    starts = tuple(
        np.array(
            [float(curve.value(one.t[:1])[0]) for curve in smooth[: len(system.states)]]
            + ([float(c.slope(one.t[:1])[0]) for c in smooth[: len(system.states)]] if order == 2 else [])
        )
        for one, smooth in zip(system.trajectories, curves, strict=True)
    )
    better = None
    if not failed and time.monotonic() < deadline - SEARCH:
        tell("constants on integrated trajectories")
        scales = np.array([max(m.noise, 1e-6) * forms[m.state].spread for m in motions])
        better = refined(
            [m.law for m in motions], system, starts, scales, order, lambda: time.monotonic() > deadline
        )
    if better is not None:
        motions = [replace(m, law=tidy(law, m.fit)) for m, law in zip(motions, better, strict=True)]
    else:
        motions = [replace(m, law=tidy(m.law, m.fit)) for m in motions]
    return Found(system, names, tuple(motions), failed, starts, order, better is not None)


def smooth_columns(system: System, order: int) -> list[list[Smooth]]:
    """Smooth curves (trajectories, columns); with order 2 the states, their velocities, then the parameters."""
    curves = []
    for one in system.trajectories:
        smooth = smoother(one.t)
        columns = [smooth(column) for column in one.states.T]
        if order == 2:
            moving = columns[: len(system.states)]
            velocities = [Smooth(curve.spline.derivative(1), curve.sigma) for curve in moving]
            columns = [*moving, *velocities, *columns[len(system.states) :]]
        curves.append(columns)
    return curves


def columns_of(system: System, order: int) -> tuple[str, ...]:
    """The names of the inputs of the laws, the time last."""
    velocities = tuple(f"{name}_dot" for name in system.states) if order == 2 else ()
    return (*system.states, *velocities, *system.parameters, system.time)


def target_of(name: str, time_name: str, order: int) -> str:
    """dx/dt, or d2x/dt2."""
    return f"d{name}/d{time_name}" if order == 1 else f"d2{name}/d{time_name}2"


def law_of_state(
    system: System,
    curves: Sequence[Sequence[Smooth]],
    state: int,
    names: Sequence[str],
    options: FitOptions,
    seconds: float,
    search: Callable[[Dataset, float], list[Expression]],
    tell: Callable[[str], None],
) -> tuple[Motion, Integral] | str:
    """The law of one state with its integral form, or why there is none."""
    began, order = time.monotonic(), int(options.ode_order)
    form = integral_of(system, curves, state, order=order)
    sigma = float(np.sqrt(np.mean([smooth[state].sigma ** 2 for smooth in curves])))

    def allowed(function: str) -> bool:
        return function not in options.exclude and (options.lib is None or function in options.lib)

    enough = AS_THE_CURVES * sigma if sigma > 0.0 else 2 * form.floor
    laws, form = sparse_laws(form, pool(form.x, allowed), enough)
    whole = form
    if not (laws and explains(laws[0], form, sigma)):
        driven = integral_of(system, curves, state, order=order, driven=True)
        whole = replace(driven, counted=form.counted)
        if time.monotonic() - began < seconds * (1 - SEARCH):
            more, _ = sparse_laws(whole, pool(driven.x, allowed), enough, whole.counted)
            laws = sorted([*laws, *more], key=lambda law: law.bits)
        left = seconds - (time.monotonic() - began)
        table = slopes(system, curves, state, names[:-1], order)
        if left > 1.0 and not (laws and explains(laws[0], form, sigma)):
            tell("the search on slopes")
            for law in search(table, SEARCH * left)[:JUDGED]:
                if (one := judged(law, form)) is not None:
                    laws.append(one)
            laws.sort(key=lambda law: law.bits)
            laws = sorted([*(shortened(law, whole) for law in laws[:3]), *laws[3:]], key=lambda law: law.bits)
    if not laws:
        return "no law has values on the trajectories"
    laws = of_other_forms(laws)
    best = laws[0]
    timed = len(names) - 1 in variables_of(best.law)
    table = slopes(system, curves, state, names if timed else names[:-1], order)
    return (
        Motion(
            state,
            best.law,
            best.bits,
            tuple(laws[1 : 1 + RIVALS]),
            explains(best, form, sigma),
            sigma / form.spread,
            math.sqrt(best.fit.sse / form.rows) / form.spread,
            table,
            best.fit,
        ),
        form,
    )


def of_other_forms(laws: Sequence[Law]) -> list[Law]:
    """The best law of each form, the shortest description first."""
    best: dict[FormKey, Law] = {}
    for law in laws:
        best.setdefault(form_of(law.law), law)
    return list(best.values())


def variables_of(law: Expression) -> tuple[int, ...]:
    """The columns of a law."""
    from kancli.symbolic.expression import variables

    return variables(law)


def explains(law: Law, form: Integral, sigma: float) -> bool:
    """Whether a law leaves only noise, or the accuracy of a solver."""
    left = math.sqrt(law.fit.sse / form.rows)
    if sigma > 0.0:
        return left <= AS_THE_CURVES * sigma
    return (
        left <= OF_CHANGES * math.sqrt(float(form.y @ form.y) / form.rows) and len(constants(law.law)) <= FEW
    )


def slopes(
    system: System, curves: Sequence[Sequence[Smooth]], state: int, names: Sequence[str], order: int
) -> Dataset:
    """The table of smoothed columns and the slope of one state at the measured points."""
    columns, target = [], []
    for one, smooth in zip(system.trajectories, curves, strict=True):
        away = max(round(ENDS * len(one.t)), 1)
        t = one.t[away:-away]
        values = [curve.value(t) for curve in smooth]
        columns.append(np.column_stack([*values, t])[:, : len(names)])
        target.append(smooth[state].slope(t, order))
    x, y = np.concatenate(columns), np.concatenate(target)
    chosen = np.unique(np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp))
    goal = target_of(system.states[state], system.time, order)
    table, _ = from_memory(x[chosen], y[chosen], inputs=list(names), target=goal)
    return table


def searched(
    table: Dataset, options: FitOptions, seconds: float, seed: int, jobs: int, report: Report
) -> list[Expression]:
    """The formulas that `kan fit` finds for a table in some seconds, the shortest descriptions first, in the columns
    that the table was made with."""
    from kancli.search import Budget, Ledger, Task, find_formula

    budget, ledger = Budget.of_seconds(time.monotonic(), seconds), Ledger()
    with suppress(KanError):  # what was found by then is judged all the same
        find_formula(Task(table, options, seed, jobs, budget, report), ledger)
    found = sorted(ledger.candidates, key=lambda c: c.bits)
    laws = dict.fromkeys(c.formula.expression for c in found)
    for candidate in found:
        laws |= dict.fromkeys(other.formula.expression for other in candidate.others)
    return list(laws)


def tidy(law: Expression, fit: Fit) -> Expression:
    """The law without digits of its constants that the trajectories do not determine."""
    free = constants(law)
    if len(free) != len(fit.errors):
        return law
    return with_constants(
        law, [cut(c.value, float(error), 3) for c, error in zip(free, fit.errors, strict=True)]
    )


__all__ = ["Found", "Motion", "find_laws", "target_of"]
