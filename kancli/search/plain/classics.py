"""The classics of one input: laws that every field tries first, each with starts that the data suggest.

Only the constants that enter nonlinearly are guessed, on a small grid in units of the data; the others follow by
linear least squares (Golub & Pereyra 1973), and the best guesses go on by Levenberg-Marquardt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.forms.form import Bound, Form, read_form
from kancli.symbolic.forms.multistart import Constants, follow, ranked

Array = NDArray[np.float64]

# Guesses that are followed, the steps of each, and the rows on which guesses are judged.
FOLLOWED, STEPS, ROWS = 3, 60, 200
# Periods within the range of the input that are tried at most.
MOST_PERIODS = 30


@dataclass(frozen=True)
class Scales:
    """Sizes that constants of a curve over one input are guessed in: the input's range, quantiles and largest
    frequency (Nyquist's, of the median distance of neighbours), and how many decades the target spans."""

    span: float
    size: float
    quantiles: Array
    frequency: float
    decades: float
    positive: bool

    @staticmethod
    def of(u: Array, y: Array) -> Scales:
        """Those of rows u (n,) and y (n,)."""
        distinct = np.unique(u)
        span = float(np.ptp(u))
        gap = float(np.median(np.diff(distinct)))
        sizes = np.abs(y[y != 0])
        decades = math.log(float(sizes.max() / sizes.min())) if len(sizes) else 1.0
        return Scales(
            span,
            float(np.abs(u).max()),
            np.quantile(u, np.linspace(0.05, 0.95, 7)),
            math.pi / gap,
            min(max(decades, 0.1), 50.0),
            bool((u > 0).all()),
        )

    @property
    def rates(self) -> list[float]:
        """Rates of decay or growth over the range of the input."""
        return [s * k / self.span for k in (0.3, 1.0, 3.0, 10.0, self.decades) for s in (1.0, -1.0)]

    @property
    def frequencies(self) -> list[float]:
        """Angular frequencies that the rows can tell, in steps of half a period per range."""
        most = min(self.frequency, 2 * math.pi * MOST_PERIODS / self.span)
        step = math.pi / self.span
        return [step * k for k in np.arange(0.5, most / step + 0.5, 0.5)]


Grid = Callable[[Scales], list[list[float]]]
"""Guesses for each constant that is not linear, in the order of the form's names."""

EXPONENTS = [-3.0, -2.0, -1.0, -0.5, 0.5, 1.5, 2.0, 3.0]
PHASES = [0.0, math.pi / 2]


@dataclass(frozen=True)
class Classic:
    """A `form` in u, the library's `functions` in it, and `guesses` for its constants that are not linear.

    `above`: its input must be above 0.
    """

    name: str
    form: str
    functions: tuple[str, ...]
    guesses: Grid
    above: bool = False


def _poles(scales: Scales) -> list[float]:
    return [k * scales.span for k in (0.1, 0.3, 1.0, 3.0)]


def _energies(scales: Scales) -> list[float]:
    return [k * scales.size for k in (-10.0, -3.0, -1.0, -0.3, 0.3, 1.0, 3.0)]


def _steep(scales: Scales) -> list[float]:
    return [s * k / scales.span for k in (3.0, 10.0, 30.0) for s in (1.0, -1.0)]


def _bells(scales: Scales) -> list[list[float]]:
    return [list(scales.quantiles), [k * scales.span for k in (0.05, 0.15, 0.4)]]


def _offsets(scales: Scales) -> list[list[float]]:
    return [
        [0.0, 10.0, 20.0],
        [-k * scales.size for k in (0.3, 1.0, 3.0, 10.0)],
        [k * scales.size for k in (-0.2, 0.0, 0.5, 1.0)],
    ]


def _waves(scales: Scales) -> list[list[float]]:
    return [scales.frequencies, PHASES]


CLASSICS = (
    Classic("proportional", "a*u", (), lambda s: []),
    Classic("power law", "a*u**b", ("power",), lambda s: [EXPONENTS], above=True),
    Classic("power law with offset", "a*u**b + c", ("power",), lambda s: [EXPONENTS], above=True),
    Classic("logarithm", "a*log(u) + b", ("log",), lambda s: [], above=True),
    Classic("reciprocal", "a/(u + b)", ("1/x",), lambda s: [_poles(s)]),
    Classic("exponential", "a*exp(b*u)", ("exp",), lambda s: [s.rates]),
    Classic("exponential approach", "a*exp(b*u) + c", ("exp",), lambda s: [s.rates]),
    Classic("two exponentials", "a*exp(b*u) + c*exp(d*u)", ("exp",), lambda s: [s.rates, s.rates]),
    Classic("Arrhenius", "a*exp(b/u)", ("exp",), lambda s: [_energies(s)], above=True),
    Classic("Antoine", "exp(a + b/(u + c))", ("exp",), _offsets),
    Classic("Michaelis-Menten", "a*u/(u + b)", ("1/x",), lambda s: [_poles(s)], above=True),
    Classic(
        "Hill", "a*u**n/(b**n + u**n)", ("power",), lambda s: [[1.5, 3.0, 6.0], list(s.quantiles)], above=True
    ),
    Classic("logistic", "a/(1 + exp(b*(u - m)))", ("exp",), lambda s: [_steep(s), list(s.quantiles)]),
    Classic(
        "logistic with offset",
        "c + a/(1 + exp(b*(u - m)))",
        ("exp",),
        lambda s: [_steep(s), list(s.quantiles)],
    ),
    Classic("Gaussian", "a*exp(-(u - m)**2/(2*s**2))", ("gaussian",), _bells),
    Classic("Gaussian with offset", "a*exp(-(u - m)**2/(2*s**2)) + c", ("gaussian",), _bells),
    Classic("sine", "a*sin(b*u + c) + d", ("sin",), _waves),
    Classic(
        "damped sine",
        "a*exp(-b*u)*sin(w*u + c)",
        ("sin", "exp"),
        lambda s: [[k / s.span for k in (0.5, 2.0, 5.0)], *_waves(s)],
    ),
)


def fit_classic(
    classic: Classic, u: Array, y: Array, weight: Array | None = None
) -> tuple[Form, Constants] | None:
    """One of CLASSICS on rows u (n,), y (n,), weight (n,) of the squared residuals; the column is called `u`.

    None where the rows cannot carry its constants (two rows each) or it has no value on some row.
    """
    form = read_form(classic.form, ("u",))
    if len(np.unique(u)) < max(2 * len(form.names), 3) or (classic.above and not (u > 0).all()):
        return None
    some = np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)
    rows = np.argsort(u, kind="stable")[some]
    x = u[:, None]
    few_weight = None if weight is None else weight[rows]
    guesses = np.array(list(product(*classic.guesses(Scales.of(u, y)))), dtype=np.float64)
    starts = ranked(form, Bound.of(form, x[rows]), guesses, y[rows], few_weight)[:FOLLOWED]
    bound = Bound.of(form, x)
    ends = [follow(bound, start, y, weight, STEPS) for start in starts]
    ends = [end for end in ends if math.isfinite(end.sse) and np.isfinite(end.theta).all()]
    return (form, min(ends, key=lambda end: end.sse)) if ends else None
