"""Laws of motion integrated in time: what they predict, and their constants fitted to whole trajectories.

The constants of all laws and the starts of all trajectories are fitted together to the measured points, by least
squares over integrated trajectories with finite differences. It begins at the constants of the integral form, and is
left out where those do not stay near the points: of a chaotic system no two solutions do for long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

from kancli.dynamics.trajectory import System, Trajectory
from kancli.symbolic.expression import Expression, constants, with_constants

Array = NDArray[np.float64]

TOLERANCE = 1e-8
# Evaluations of the laws in one integration at most: stiff or exploding ones are not followed further.
MOST_STEPS = 20_000
# Of the spread of the states: integrated trajectories within this of the points may be fitted to them.
NEAR = 0.3
# Integrations of all trajectories that a fit may take.
MOST_FITS = 12


class _TooLong(Exception):
    """An integration that takes more than MOST_STEPS evaluations."""


def integrated(
    laws: Sequence[Expression], start: Array, t: Array, rest: Array, order: int = 1
) -> Array | None:
    """States (n, d·order) at times t (n,) from `start` (d·order,); `rest` are the parameters, the last inputs of the
    laws beside the time. None where the solution ends before, or cannot be followed.

    With `order` 2 a state is followed by the velocities: x₀, x₁, …, v₀, v₁, …; the laws are those of the velocities.
    """
    programs = [_callable(law) for law in laws]
    count, used = len(laws), 0

    def slope(time: float, z: Array) -> Array:
        nonlocal used
        used += 1
        if used > MOST_STEPS:
            raise _TooLong
        row = np.concatenate([z, rest, [time]])
        values = np.array([program(row) for program in programs])
        return values if order == 1 else np.concatenate([z[count:], values])

    with np.errstate(all="ignore"):
        try:
            found = solve_ivp(
                slope, (t[0], t[-1]), start, t_eval=t, method="LSODA", rtol=TOLERANCE, atol=TOLERANCE * 1e-2
            )
        except (_TooLong, ValueError, OverflowError):
            return None
    if not found.success or found.y.shape[1] != len(t) or not np.isfinite(found.y).all():
        return None
    return np.asarray(found.y.T, dtype=np.float64)


def _callable(law: Expression) -> Callable[[Array], float]:
    """A law at one point; far faster than by a program that is bound to rows."""
    from kancli.symbolic.elementary import FUNCTIONS
    from kancli.symbolic.expression import Call, Constant, Power, Product, Sum, Variable

    match law:
        case Constant(value, _):
            return lambda row: value
        case Variable(index):
            return lambda row: float(row[index])
        case Sum(terms):
            parts = [_callable(term) for term in terms]
            return lambda row: math.fsum(part(row) for part in parts)
        case Product(factors):
            parts = [_callable(factor) for factor in factors]
            return lambda row: math.prod(part(row) for part in parts)
        case Power(base, exponent):
            under, above = _callable(base), _callable(exponent)
            return lambda row: float(np.power(under(row), above(row)))
        case Call(function, argument):
            value_of, inner = FUNCTIONS[function].value, _callable(argument)
            return lambda row: float(value_of(np.array([inner(row)]))[0])
    raise TypeError(f"not an expression: {law!r}")


def refined(
    laws: Sequence[Expression],
    system: System,
    starts: Sequence[Array],
    scales: Array,
    order: int = 1,
    expired: Callable[[], bool] = lambda: False,
) -> list[Expression] | None:
    """The laws with constants fitted to the whole trajectories; None where their solutions do not stay near them.

    `starts`: the first state of each trajectory, (d·order,); `scales` (d,): the noise or spread of each state.
    """
    counts = [len(constants(law)) for law in laws]
    theta = np.array([c.value for law in laws for c in constants(law)])
    begin = np.concatenate([theta, *starts])
    states = len(laws)

    def laws_at(values: Array) -> list[Expression]:
        parts = np.split(values[: len(theta)], np.cumsum(counts)[:-1])
        return [with_constants(law, part.tolist()) for law, part in zip(laws, parts, strict=True)]

    def residual(values: Array) -> Array | None:
        if expired():  # then nothing is near any more, and the fit ends
            return None
        now, left = laws_at(values), []
        for i, trajectory in enumerate(system.trajectories):
            own = values[len(theta) + i * states * order :][: states * order]
            found = integrated(now, own, trajectory.t, parameters_of(system, trajectory), order)
            if found is None:
                return None
            left.append(((found[:, :states] - trajectory.states[:, :states]) / scales).ravel())
        return np.concatenate(left)

    first = residual(begin)
    spread = np.concatenate(
        [
            ((one.states[:, :states] - one.states[:, :states].mean(axis=0)) / scales).ravel()
            for one in system.trajectories
        ]
    )
    if first is None or float(first @ first) > NEAR**2 * float(spread @ spread):
        return None
    found = least_squares(
        lambda values: first * 1e3 if (left := residual(values)) is None else left,
        begin,
        x_scale=np.maximum(np.abs(begin), 1e-3),
        diff_step=1e-5,
        max_nfev=MOST_FITS,
    )
    return laws_at(found.x) if 2 * found.cost < float(first @ first) else None


def parameters_of(system: System, trajectory: Trajectory) -> Array:
    """The values of the columns that are constant in a trajectory."""
    return trajectory.states[0, len(system.states) :]


__all__ = ["integrated", "parameters_of", "refined"]
