"""The constants of a form from many starts: over the scales of the data, those that enter linearly in closed form.

A round guesses a thousand sets of constants at once, follows the best and some others downhill together
(`projection`), and the lowest ends in all constants to machine precision. It is enough when several starts have
ended in the same lowest minimum. Of minima that are equal, because a form has symmetries, the one that a reader
expects is taken (`symmetries`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.refit import CONVERGED, minimised
from kancli.symbolic.forms.form import Bound, Form
from kancli.symbolic.forms.guesses import guessed
from kancli.symbolic.forms.projection import Projected
from kancli.symbolic.forms.symmetries import Equals, ordered
from kancli.symbolic.least_squares.batched import after, levenberg_marquardt

Array = NDArray[np.float64]

# Guesses a round, those of them that are followed because they are best, and for other reasons; their steps, and the
# lowest ends that are followed to the last digit.
GUESSES, BEST, OTHERS, TOGETHER, LOWEST = 1500, 32, 32, 40, 3
# Rounds: every other one guesses a single constant anew and leaves the others where they are best: a second
# frequency is found beside the first, not both at once.
ROUNDS, MOST_ROUNDS = 4, 16
# Starts that end in the lowest minimum, after so many rounds, before it is believed to be the lowest.
OFTEN, LEAST_ROUNDS = 6, 2
# Relative errors of minima that are the same one: on some rows with normal equations, and to the last digit.
SAME, EQUAL = 1e-5, 1e-9
# Where normal equations end; what is at the rounding of the target leaves nothing to fit.
SETTLED, ULP = 1e-7, float(np.finfo(np.float64).eps)
# A curve that bends more between the rows, as a share of the target's deviation, may be the alias of a smoother one.
BENT = 0.02
# Rows that guesses are judged on.
ROWS = 200
# Steps of the last fit, and how often it is begun anew: damping may have grown in a bend of the valley.
STEPS, AGAIN = 200, 5


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
    few = Projected.of(
        Bound.of(form, x[some]), form.linear, y[some], None if weight is None else weight[some]
    )
    bent = int((~form.linear).sum())
    generator = np.random.default_rng(seed)
    equals = Equals.of(form, x, y)
    best = Constants(np.full(len(form.names), math.nan), math.inf, np.empty((0, 0)))
    lowest, often = math.inf, 0
    for number in range(min(ROUNDS * bent, MOST_ROUNDS) or 1):
        guesses = guessed(GUESSES if bent else 1, form, x[some], y[some], generator)
        anew = bool(number % 2) and math.isfinite(best.sse)
        if anew:
            guesses = one_anew(best.theta[~form.linear], guesses, generator)
        ends, errors = together(few, chosen(few, guesses, generator))
        for k in lowest_of(ends, errors, equals):
            end = follow(bound, ends[k], y, weight)
            if math.isfinite(end.sse) and better(end, best, equals, y):
                best = end
            if expired():
                return best
        if not anew and len(errors) and math.isfinite(errors.min()):
            if errors.min() < (1 - SAME) * lowest:
                often = 0
            lowest = min(lowest, float(errors.min()))
            often += int((errors <= (1 + SAME) * lowest + rounding(few.y / few.unit)).sum())
        if best.sse <= rounding(y) or (number + 1 >= LEAST_ROUNDS and often >= OFTEN):
            break
    if not math.isfinite(best.sse):
        return best
    whole = Projected.of(bound, form.linear, y, weight)
    if bent and equals.bends(best.theta) > BENT * float(y.std()):
        guesses = one_anew(
            best.theta[~form.linear], guessed(GUESSES, form, x[some], y[some], generator), generator
        )
        best = smoother(few, guesses, generator, best, equals, lambda t: follow(bound, t, y, weight), y)
    return follow(bound, ordered(form, equals, whole, best.theta), y, weight)


def one_anew(best: Array, guesses: Array, generator: np.random.Generator) -> Array:
    """Guesses (K, q) of which each but for one constant is the `best` (q,)."""
    kept = generator.integers(len(best), size=len(guesses))[:, None] != np.arange(len(best))
    return np.asarray(np.where(kept, best, guesses))


def smoother(
    few: Projected,
    guesses: Array,
    generator: np.random.Generator,
    best: Constants,
    equals: Equals,
    followed: Callable[[Array], Constants],
    y: Array,
) -> Constants:
    """The best, or what fits equally and bends less between the rows: a frequency in place of its alias."""
    theta, sse = few.solved(guesses)
    finite = np.flatnonzero(np.isfinite(sse))
    calm = finite[equals.bends_of(theta[finite]) < equals.bends(best.theta)]
    ends, errors = together(few, chosen(few, guesses[calm], generator))
    for k in lowest_of(ends, errors, equals):
        end = followed(ends[k])
        if math.isfinite(end.sse) and better(end, best, equals, y):
            best = end
    return best


def chosen(problem: Projected, guesses: Array, generator: np.random.Generator) -> Array:
    """The guesses (K, q) that are followed: the best ones, and others at random. Those without a value on some row
    are left out."""
    _, sse = problem.solved(guesses)
    order = np.argsort(sse, kind="stable")
    order = order[np.isfinite(sse[order])]
    rest = order[BEST:]
    others = rest if len(rest) <= OTHERS else generator.choice(rest, size=OTHERS, replace=False)
    return np.asarray(guesses[np.concatenate([order[:BEST], np.sort(others)])])


def together(problem: Projected, starts: Array) -> tuple[Array, Array]:
    """Where starts (K, q) lead downhill: all constants (K, names), and the errors (K,)."""
    if not len(starts):
        return np.empty((0, problem.bound.names)), np.empty(0)
    if not starts.shape[1]:
        return problem.solved(starts)
    states = levenberg_marquardt(problem.points, starts, tolerance=SETTLED, patience=3)
    return problem.solved(after(states, TOGETHER).theta)


def lowest_of(ends: Array, errors: Array, equals: Equals) -> list[int]:
    """The lowest ends of different errors; of those with the same, the plainest."""
    found: list[int] = []
    for k in np.argsort(errors, kind="stable").tolist():
        if not math.isfinite(errors[k]):
            break
        if found and errors[k] <= (1 + SAME) * errors[found[-1]]:
            if equals.plainer(ends[k], ends[found[-1]]):
                found[-1] = k
            continue
        if len(found) == LOWEST:
            break
        found.append(k)
    return found


def better(one: Constants, other: Constants, equals: Equals, y: Array) -> bool:
    """Whether `one` fits better; of two that fit equally, whether it is the plainer one."""
    if not math.isfinite(other.sse) or abs(one.sse - other.sse) > EQUAL * other.sse + rounding(y):
        return one.sse < other.sse
    return equals.plainer(one.theta, other.theta)


def rounding(y: Array) -> float:
    """The sum of squares that rounding of the values of a formula leaves."""
    return float(len(y) * (ULP * np.max(np.abs(y), initial=0.0)) ** 2)


def follow(bound: Bound, start: Array, y: Array, weight: Array | None, steps: int = STEPS) -> Constants:
    """The minimum that lies downhill of a start."""
    theta, sse, inverse = minimised(bound, start, y, weight, steps, CONVERGED)
    for _ in range(AGAIN):
        before = sse
        if not (math.isfinite(before) and before > rounding(y)):
            break
        theta, sse, inverse = minimised(bound, theta, y, weight, steps, CONVERGED)
        if sse >= (1 - EQUAL) * before:
            break
    return Constants(theta, sse, inverse)
