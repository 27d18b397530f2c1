"""The constants of a form from many starts: over decades and signs, those that enter linearly in closed form.

Variable projection (Golub & Pereyra 1973) at the starts: given the others, the linear constants are a
least-squares problem, so only the others are guessed. The best guesses go on by Levenberg-Marquardt in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.refit import CONVERGED, minimised
from kancli.symbolic.forms.form import Bound, Form
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Guesses a round, and those of them that are followed.
GUESSES, FOLLOWED = 1000, 6
# Rounds: some for each constant that is not linear. Every other one guesses a single constant anew and leaves the
# others where they are best: a second frequency is found beside the first, not both at once.
ROUNDS, MOST_ROUNDS = 4, 16
# Relative errors of minima that are the same one, and the relative error at which nothing is left to fit.
SAME, EXACT = 1e-9, 1e-13
# Guesses lie this many decades around the scales of the data, mostly.
DECADES = 2.0
# Rows that guesses are judged on.
ROWS = 200
STEPS = 100


@dataclass(frozen=True)
class Constants:
    """`theta` (names,) and `inverse_gram` (names, names) = (JᵀWJ)⁻¹ there; `sse` infinite where nothing was found."""

    theta: Array
    sse: float
    inverse_gram: Array


def fit_form(
    form: Form,
    x: Array,
    y: Array,
    weight: Array | None = None,
    *,
    seed: int,
    expired: Callable[[], bool] = lambda: False,
) -> Constants:
    """The best minimum found from many starts; x (n, columns), y (n,), weight (n,) of squared residuals."""
    bound = Bound.of(form, x)
    if not form.names:
        return follow(bound, np.empty(0), y, weight)
    some = np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)
    few = Bound.of(form, x[some])
    few_weight = None if weight is None else weight[some]
    generator = np.random.default_rng(seed)
    best = Constants(np.full(len(form.names), math.nan), math.inf, np.empty((0, 0)))
    bent = ~form.linear
    rounding = (EXACT * float(np.abs(y).max())) ** 2 * len(y)
    rounds = min(ROUNDS * int(bent.sum()), MOST_ROUNDS) or 1
    for number in range(rounds):
        guesses = guessed(GUESSES if bent.any() else 1, int(bent.sum()), scales(x, y), generator)
        if number % 2 and math.isfinite(best.sse):
            kept = generator.integers(guesses.shape[1], size=len(guesses))[:, None] != np.arange(
                guesses.shape[1]
            )
            guesses = np.where(kept, best.theta[bent], guesses)
        for start in ranked(form, few, guesses, y[some], few_weight)[:FOLLOWED]:
            end = follow(bound, start, y, weight)
            if math.isfinite(end.sse) and preferred(end, best, rounding):
                best = end
            if expired():
                return best
        if best.sse <= rounding:
            break
    return best


def preferred(one: Constants, other: Constants, rounding: float) -> bool:
    """Whether `one` fits better; of two that fit equally, whether its constants are positive, or nearer to 1."""
    if abs(one.sse - other.sse) > SAME * other.sse + rounding or not math.isfinite(other.sse):
        return one.sse < other.sse

    def plainness(theta: Array) -> tuple[int, float]:
        size = np.abs(theta[theta != 0])
        return int((theta < 0).sum()), round(float(np.abs(np.log10(size)).sum()), 6)

    return plainness(one.theta) < plainness(other.theta)


def follow(bound: Bound, start: Array, y: Array, weight: Array | None, steps: int = STEPS) -> Constants:
    """The minimum that lies downhill of a start."""
    theta, sse, inverse = minimised(bound, start, y, weight, steps, CONVERGED)
    return Constants(theta, sse, inverse)


def ranked(form: Form, bound: Bound, guesses: Array, y: Array, weight: Array | None) -> list[Array]:
    """Constants (names,) of each guess (those not linear,), the linear ones solved for, the best first.

    Guesses without a value on some row are left out.
    """
    linear = form.linear
    root = np.ones(len(y)) if weight is None else np.sqrt(weight)
    found: list[tuple[float, int, Array]] = []
    with np.errstate(all="ignore"):
        for number, guess in enumerate(guesses):
            theta = np.ones(len(form.names))
            theta[~linear] = guess
            values, jacobian = bound.value_and_jacobian(theta)
            columns = jacobian[:, linear] * root[:, None]
            fixed = values - jacobian[:, linear].sum(axis=1)
            if not (np.all(np.isfinite(values)) and np.all(np.isfinite(columns))):
                continue
            target = (y - fixed) * root
            if linear.any():
                size = np.sqrt(np.einsum("ij,ij->j", columns, columns))
                size[~((size > 0) & np.isfinite(size))] = 1.0
                solved = lstsq(columns / size, target, rcond=1e-12)
                theta[linear] = solved / size
                target = target - (columns / size) @ solved
            sse = float(target @ target)
            if math.isfinite(sse) and np.all(np.isfinite(theta)):
                found.append((sse, number, theta))
    return [theta for _, _, theta in sorted(found, key=lambda entry: entry[:2])]


def scales(x: Array, y: Array) -> Array:
    """Sizes that a constant may have: of the columns and of the target, and one over them."""
    sizes = [float(np.median(np.abs(column))) for column in (*x.T, y)]
    sizes += [float(np.ptp(column)) for column in x.T]
    logs = [math.log10(size) for size in sizes if size > 0 and math.isfinite(size)]
    return np.array([0.0, *logs, *(-each for each in logs)])


def guessed(count: int, constants: int, logs: Array, generator: np.random.Generator) -> Array:
    """Random constants (count, constants) of both signs, some decades around 10^logs."""
    centre = generator.choice(logs, size=(count, constants))
    exponent = centre + generator.uniform(-DECADES, DECADES, size=(count, constants))
    sign = generator.choice([-1.0, 1.0], size=(count, constants))
    return np.asarray(sign * 10.0**exponent)
