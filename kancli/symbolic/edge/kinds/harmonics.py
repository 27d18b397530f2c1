"""Sums of harmonics, alone or under an envelope: x^k·exp(a·x)·(α₁·sin ωx + β₁·cos ωx + α₂·sin 2ωx + …).

Linear in all α and β given ω and a, which a grid and Levenberg–Marquardt look for; harmonics that explain
nothing are left out before each of the others becomes a term with numbers of its own.
"""

from __future__ import annotations

import itertools

import numpy as np

from kancli.symbolic.edge.chains.pair_forms import Form, Parts, model_of
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, problems
from kancli.symbolic.edge.chains.solver import solve
from kancli.symbolic.edge.kinds.polynomials import monomial
from kancli.symbolic.edge.ranking import MOST_ROWS
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.least_squares.batched import project
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array, Function

ROWS = 192
HARMONICS = 5
HIGHEST_POWER = 3
# Half turns of the fundamental over half the range, and rates of the envelope over the whole.
FUNDAMENTALS = np.concatenate([np.arange(0.6, 6.0, 0.3), np.arange(6.0, 20.0, 0.6)])
RATES = np.array([-12.0, -8.0, -5.0, -3.0, -1.5, 1.5, 3.0])
POLISHED = 12
FINISHED = 2
FEWEST_ROWS = 40
# 1 - r² to which solved problems are exact.
SMALLEST = 1e-20
NO_RATE = 1e-6


def harmonics(edge: Scaled, functions: tuple[Function, ...]) -> list[Activation]:
    """Activations of s and scaled y, for every power outside the best."""
    names = frozenset(function.name for function in functions)
    if not {"x", "sin", "cos"} <= names or len(edge.curve.t) < FEWEST_ROWS:
        return []
    sample = subsample(edge.curve, ROWS)
    found = []
    for power in range(HIGHEST_POWER + 1):
        form = _form(power)
        batch = _starts(functions, sample, enveloped="exp" in names)
        batch = _best(solve(batch, sample, steps=1, model=model_of(form)), POLISHED)
        batch = _best(solve(batch, sample, steps=20, model=model_of(form)), FINISHED)
        found += [_activation(batch, row, form, power, sample, names) for row in range(len(batch.theta))]
    return found


def _form(power: int) -> Form:
    """f·s^power times all harmonics of the phase g."""
    orders = np.arange(1, HARMONICS + 1)[:, None]

    def columns(parts: Parts, s: Array) -> Array:
        phase = parts[1][:, None, :] * orders
        waves = np.concatenate([np.sin(phase), np.cos(phase)], axis=1)
        return np.asarray((parts[0] * s**power)[:, None, :] * waves)

    def multipliers(c: Array, parts: Parts, s: Array) -> list[Array]:
        phase = parts[1][:, None, :] * orders
        sines, cosines = np.sin(phase), np.cos(phase)
        one, other = c[:, :HARMONICS, None], c[:, HARMONICS:, None]
        outside = s**power
        along = (one * sines + other * cosines).sum(axis=1)
        turned = (orders * (one * cosines - other * sines)).sum(axis=1)
        return [outside * along, outside * parts[0] * turned]

    return Form("harmonics", 2, columns, multipliers)


def _starts(functions: tuple[Function, ...], sample: Curve, *, enveloped: bool) -> Problems:
    """f is exp(a·s), with a = 0 where there is no envelope, and g is ω·s."""
    position = {function.name: k for k, function in enumerate(functions)}
    line, exp = position["x"], position.get("exp", position["x"])
    rates = (0.0, *RATES) if enveloped else (0.0,)
    rows = [(rate / 2.0, omega) for rate, omega in itertools.product(rates, FUNDAMENTALS)]
    # Without exp in the library its place is taken by the constant 0·s + 1.
    plain = 0.0 if enveloped else 1.0
    theta = np.array(
        [(1, 0, 1, rate, plain, 1, 1, 0, 1, omega, 0, 1) for rate, omega in rows], dtype=np.float64
    )
    free = np.zeros(theta.shape, dtype=bool)
    free[:, PER_STEP] = theta[:, PER_STEP] != 0.0
    free[:, 3 * PER_STEP] = True
    return problems(functions, np.tile([line, exp, line, line], (len(theta), 1)), theta, free, sample.origin)


def _best(batch: Problems, count: int) -> Problems:
    order = np.argsort(batch.residual, kind="stable")
    return batch.take(order[np.isfinite(batch.residual[order])][:count])


def _activation(
    batch: Problems, row: int, form: Form, power: int, sample: Curve, names: frozenset[str]
) -> Activation:
    """One solved problem with only the harmonics that explain something, each a term of its own."""
    s = sample.t - sample.origin
    rate, omega = (float(batch.theta[row, k * PER_STEP]) for k in (1, 3))
    if abs(rate) < NO_RATE:
        rate = 0.0
    envelope = np.exp(rate * s)[None, :]
    columns = form.columns([envelope, (omega * s)[None, :]], s)
    whole = project(columns, sample.y, sample.w)
    kept = list(range(2 * HARMONICS))
    # One at a time the least one goes, while the description gets shorter.
    while len(kept) > 1:
        without = [columns[:, [k for k in kept if k != out]] for out in kept]
        trials = [project(some, sample.y, sample.w).sse[0] for some in without]
        least = int(np.argmin(trials))
        allowed = whole.sse[0] * np.exp(2.0 * np.log(len(s)) / min(len(s), MOST_ROWS))
        if not trials[least] <= max(allowed, SMALLEST):
            break
        del kept[least]
    c = project(columns[:, kept], sample.y, sample.w).coefficients
    outside = [(monomial(power, names),)] if power else []
    outside += [(Step("exp", rate, 0.0),)] if rate else []
    terms = []
    for k, value in zip(kept, c[0], strict=True):
        order = k % HARMONICS + 1
        wave = Step("sin" if k < HARMONICS else "cos", order * omega, 0.0)
        terms.append(Term(float(value), (wave,), tuple(outside)))
    return Activation(tuple(terms), 0.0)
