"""Is every library function recognised for what it is? A table over functions, errors and amplitudes.

    python tests/benchmarks/edge_identifiability.py [--draws 6]

Every draw takes a random x range, a random part of the function (`DOMAINS`), random c and d, and adds white
errors of 0, 1e-6 and 1e-3 of the curve's deviation, or the smooth error of a cubic spline on 20 intervals
(its floor is then the difference from the spline on 10).
Counted are the draws whose best candidate is the function itself; "missed by" names what came first instead.

Not identifiable, and why: sin and cos are one function (a phase), so are arcsin and arccos (a sign and π/2);
`power` at a draw near a named exponent; at an error of 1e-3, functions that agree to 1e-3 on the range seen
(`IMITATED` below 3e-3 in the last column): there the simpler one is right to come first.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_lsq_spline

from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import BUILTIN, library

Array = NDArray[np.float64]
ROWS = 1000
TWINS = {"sin": "wave", "cos": "wave", "arcsin": "arc", "arccos": "arc"}

# The part of each function that a draw shows: bounds of the argument's lower end and of its upper end.
DOMAINS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "x": ((-2, 0), (1, 3)),
    "x^2": ((-1.5, 0.5), (1, 2)),
    "x^3": ((-1.5, 0.5), (1, 2)),
    "x^4": ((-1.5, 0.5), (1, 2)),
    "x^5": ((-1.5, 0.5), (1, 2)),
    "x^6": ((-1.5, 0.5), (1, 2)),
    "1/x": ((0.1, 0.5), (1.5, 4)),
    "1/x^2": ((0.1, 0.5), (1.5, 4)),
    "1/x^3": ((0.2, 0.5), (1.5, 4)),
    "1/x^4": ((0.2, 0.5), (1.5, 4)),
    "sqrt": ((0, 0.2), (1, 4)),
    "1/sqrt": ((0.05, 0.3), (1, 4)),
    "power": ((0.05, 0.3), (1, 4)),
    "exp": ((-2, 0), (1.5, 3)),
    "log": ((0.02, 0.3), (1, 4)),
    "sin": ((-6, 0), (3, 20)),
    "cos": ((-6, 0), (3, 20)),
    "tan": ((-1.45, -0.5), (0.8, 1.45)),
    "tanh": ((-3, -0.5), (1.5, 3)),
    "sinh": ((-3, -1), (1.5, 3)),
    "cosh": ((-3, -1), (1.5, 3)),
    "arcsin": ((-1, -0.7), (0.7, 1)),
    "arccos": ((-1, -0.7), (0.7, 1)),
    "arctan": ((-5, -1), (2, 8)),
    "gaussian": ((-2, -0.5), (1, 2)),
    "abs": ((-2, -0.5), (0.5, 2)),
    "sgn": ((-2, -0.5), (0.5, 2)),
}


def draw(name: str, rng: np.random.Generator, *, amplitude: float = 1.0) -> tuple[Array, Array, Activation]:
    """Random x and y = c·f(a·x + b) + d of |c| about `amplitude`, and its truth."""
    (low0, low1), (high0, high1) = DOMAINS[name]
    low, high = rng.uniform(low0, low1), rng.uniform(high0, high1)
    left, width = rng.uniform(-2, 1), rng.uniform(0.5, 3)
    a = (high - low) / width
    b = low - a * left
    c = amplitude * rng.choice([-1, 1]) * 10 ** rng.uniform(-0.5, 0.5)
    d = amplitude * rng.uniform(-2, 2)
    exponent = float(rng.choice([-1.7, -0.75, 0.3, 2 / 3, 1.5, 2.6])) if name == "power" else None
    x = np.sort(rng.uniform(left, left + width, ROWS))
    truth = Activation((Term(c, (Step(name, a, b, exponent),)),), d)
    return x, truth.evaluate(x), truth


def kind(name: str) -> str:
    """The name up to what cannot be told apart: sin and cos, arcsin and arccos, the value of a power."""
    if name.startswith("x^") and name not in BUILTIN:
        return "power"
    return TWINS.get(name, name)


def with_error(x: Array, y: Array, error: float | str, rng: np.random.Generator) -> tuple[Array, float]:
    """The curve with white errors or as splines carry it, and the floor that a caller would give."""
    if error == "spline":
        fine, coarse = (_spline(x, y, grid) for grid in (20, 10))
        return fine, float(np.mean((fine - coarse) ** 2) / np.var(fine))
    if error == 0.0:
        return y, 1e-12
    return y + float(error) * np.std(y) * rng.normal(size=len(y)), float(error) ** 2


def _spline(x: Array, y: Array, grid: int) -> Array:
    knots = np.linspace(x[0], x[-1], grid + 1)
    knots = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    return np.asarray(make_lsq_spline(x, y, knots, 3)(x))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=6)
    options.add_argument("--only", nargs="*")
    arguments = options.parse_args()
    functions = library()
    errors: tuple[float | str, ...] = (0.0, 1e-6, 1e-3, "spline")
    print(f"{'function':10s} " + " ".join(f"{error!s:>10s}" for error in errors) + "   missed by (at)")
    for name in arguments.only or DOMAINS:
        cells, missed = [], Counter[str]()
        start = time.perf_counter()
        for error in errors:
            if name in ("abs", "sgn") and error == "spline":
                cells.append("a kink")
                continue
            first = 0
            for seed in range(arguments.draws):
                rng = np.random.default_rng([seed, len(name), ord(name[0])])
                amplitude = [1.0, 1e-6, 1e6][seed % 3]
                x, y, _ = draw(name, rng, amplitude=amplitude)
                y, floor = with_error(x, y, error, rng)
                best = fit_edge(x, y, None, functions, floor=floor)
                first += kind(best[0].name) == kind(name)
                if kind(best[0].name) != kind(name):
                    mine = [candidate.residual for candidate in best if kind(candidate.name) == kind(name)]
                    own = f"{mine[0]:.0e}" if mine else "absent"
                    missed[f"{best[0].name} at {error} ({best[0].residual:.0e} < {own})"] += 1
            cells.append(f"{first}/{arguments.draws}")
        seconds = (time.perf_counter() - start) / arguments.draws / len(errors)
        print(f"{name:10s} " + " ".join(f"{cell:>10s}" for cell in cells) + f" {1e3 * seconds:6.0f} ms  "
              + ", ".join(f"{what} ×{count}" for what, count in missed.items()), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
