"""Polynomials inside a function: log(x³ + x + 1), quotients of polynomials, in closed form.

Undoing the outer function makes them linear: exp((y - d)/c) = P for a logarithm, and so on; what the outer
function leaves open (c or d) is scanned. A quotient N/D follows from y·D = N with weights 1/D² that follow
in turn (Sanathanan & Koerner 1963). All are starts, to be polished as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kancli.symbolic.edge.chains.polish import Polished, polish
from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.kinds.polynomials import monomial
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array

ROWS = 128
HIGHEST = 4
STEEPNESS = np.concatenate([0.1 * 1.6 ** np.arange(0, 12), -0.1 * 1.6 ** np.arange(0, 12)])
GAPS = np.array([1e-6, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
REWEIGHTED = 6
STARTS = 3
LARGEST_DENOMINATOR = 3


def polynomials_inside(edge: Scaled, names: frozenset[str]) -> list[Activation]:
    """Activations of s and scaled y: for every outer function in `names` the best few."""
    sample = subsample(edge.curve, ROWS)
    found = []
    for outer, unknown in UNDONE.items():
        if outer in names:
            found += _best(list(unknown(sample, edge)), sample)
    if "1/x" in names:
        found += quotients(sample)
    return found


def _best(starts: list[Activation], sample: Curve) -> list[Activation]:
    """The best few after some steps, of all starts that can be evaluated."""
    polished = sorted((polish(start, sample, steps=8) for start in starts), key=lambda one: one.residual)
    return [one.activation for one in polished[:STARTS] if np.isfinite(one.residual)]


def _powers(s: Array, degree: int) -> Array:
    return np.stack([s**k for k in range(degree + 1)], axis=-1)


def _fit(columns: Array, y: Array, weight: Array) -> Array:
    """Weighted least squares; NaN where it has none."""
    with np.errstate(all="ignore"):
        scaled = columns * weight[:, None]
        size = np.sqrt(np.einsum("ij,ij->j", scaled, scaled))
        size[~(size > 0.0)] = 1.0
        return np.asarray(lstsq(scaled / size, y * weight, rcond=1e-14) / size)


def _of_polynomial(function: str, coefficients: Array, c: float, d: float) -> Iterator[Activation]:
    """c·f(P(s)) + d, P divided by its leading coefficient where f leaves that open."""
    if not np.isfinite(coefficients).all() or not np.isfinite((c, d)).all() or coefficients[-1] == 0.0:
        return
    step = Step(function, 1.0, 0.0)
    lead = 1.0 if step.of.scale == "free" else abs(float(coefficients[-1]))
    b, a, *higher = (float(q) / lead for q in coefficients)
    if lead != 1.0 and higher:
        higher[-1] = float(round(higher[-1]))
    if step.of.shift == "fixed":
        b = 0.0
    yield Activation((Term(c, (Step(function, a, b, higher=tuple(higher)),)),), d)


def _logarithms(sample: Curve, edge: Scaled) -> Iterator[Activation]:
    s = sample.t - sample.origin
    columns = _powers(s, HIGHEST)
    for c in STEEPNESS:
        inside = np.exp(np.clip(sample.y / c, -300.0, 300.0))
        yield from _of_polynomial("log", _fit(columns, inside, np.sqrt(sample.w) / inside), c, 0.0)


def _beyond(y: Array, edge: Scaled) -> Iterator[tuple[float, float]]:
    """Constants d outside the range of y, and the side on which y lies: 1 above, -1 below. Raw zero first."""
    low, high = float(y.min()), float(y.max())
    zero = -edge.mean / edge.spread
    if not low <= zero <= high:
        yield zero, 1.0 if zero < low else -1.0
    for gap in GAPS * (high - low):
        yield low - gap, 1.0
        yield high + gap, -1.0


def _exponentials(sample: Curve, edge: Scaled) -> Iterator[Activation]:
    s = sample.t - sample.origin
    columns = _powers(s, HIGHEST)
    for d, side in _beyond(sample.y, edge):
        above = side * (sample.y - d)
        p = _fit(columns, np.log(above), np.sqrt(sample.w) * above)
        yield from _of_polynomial("exp", p, side, d)


def _roots(sample: Curve, edge: Scaled) -> Iterator[Activation]:
    """y² = 2d·y + c²·P - d²."""
    s = sample.t - sample.origin
    columns = np.concatenate([_powers(s, HIGHEST), sample.y[:, None]], axis=1)
    for degree in range(2, HIGHEST + 1):
        used = [*range(degree + 1), HIGHEST + 1]
        *p, twice = _fit(columns[:, used], sample.y**2, np.sqrt(sample.w))
        d = 0.5 * twice
        p[0] += d * d
        for side in (1.0, -1.0):
            yield from _of_polynomial("sqrt", np.array(p), side, d)


def _inverses(function: str, power: float) -> Callable[[Curve, Scaled], Iterator[Activation]]:
    """y - d = P^-power, with the weights that make its errors those of y."""

    def starts(sample: Curve, edge: Scaled) -> Iterator[Activation]:
        s = sample.t - sample.origin
        for d, side in _beyond(sample.y, edge):
            above = side * (sample.y - d)
            weight = np.sqrt(sample.w) * above ** (1.0 + 1.0 / power)
            p = _fit(_powers(s, HIGHEST), above ** (-1.0 / power), weight)
            yield from _of_polynomial(function, p, side, d)

    return starts


UNDONE = {
    "log": _logarithms,
    "exp": _exponentials,
    "sqrt": _roots,
    "1/sqrt": _inverses("1/sqrt", 0.5),
    "1/x": _inverses("1/x", 1.0),
    "1/x^2": _inverses("1/x^2", 2.0),
}


def quotients(sample: Curve) -> list[Activation]:
    """Polynomial + N/D: the best for every pair of degrees, N's below D's."""
    s = sample.t - sample.origin
    found = []
    for below in range(1, LARGEST_DENOMINATOR + 1):
        for above in range(below + 3):
            quotient = _quotient(s, sample, above, below)
            if quotient is not None:
                fitted: Polished = polish(quotient, sample, steps=8)
                if np.isfinite(fitted.residual):
                    found.append(fitted.activation)
    return found


def _quotient(s: Array, sample: Curve, above: int, below: int) -> Activation | None:
    """N/D of the given degrees, D's leading coefficient 1, split into a polynomial and a proper quotient."""
    over, under = _powers(s, above), _powers(s, below)
    columns = np.concatenate([over, -sample.y[:, None] * under[:, :-1]], axis=1)
    weight = np.sqrt(sample.w)
    with np.errstate(all="ignore"):
        for _ in range(REWEIGHTED):
            solution = _fit(columns, sample.y * under[:, -1], weight)
            denominator = np.array([*solution[above + 1 :], 1.0])
            weight = np.sqrt(sample.w) / np.abs(under @ denominator)
    numerator = solution[: above + 1]
    if not np.isfinite(solution).all():
        return None
    whole, rest = np.polynomial.polynomial.polydiv(numerator, denominator)
    rest = np.trim_zeros(rest, "b")
    if not len(rest):
        return None
    b, a, *higher = (float(q) for q in denominator)
    inverse = Step("1/x", a, b, higher=tuple(higher))
    lead = float(rest[-1])
    terms = []
    if len(rest) > 1:
        b, a, *higher = (float(q) / lead for q in rest)
        if higher:
            higher[-1] = 1.0
        terms.append(Term(lead, (Step("x", a if higher else 1.0, b, higher=tuple(higher)),), ((inverse,),)))
    else:
        terms.append(Term(lead, (inverse,)))
    for degree, c in enumerate(whole):
        if degree:
            terms.append(Term(float(c), (monomial(degree),)))
    return Activation(tuple(terms), float(whole[0]) if len(whole) else 0.0)
