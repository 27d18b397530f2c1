"""Random compositions f2(a2·f1(a1·x + b1) + b2): how many come back exactly, pair by pair.

    OMP_NUM_THREADS=1 python tests/benchmarks/edge_composition_stress.py [--draws 1]

"Exact" is a first candidate at 1 - r² below 1e-18 that is no more complex than the truth.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from edge_identifiability import DOMAINS

from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import library

NAMES = (
    *("x^2", "x^3", "1/x", "1/x^2", "sqrt", "1/sqrt", "exp", "log"),
    *("sin", "cos", "tanh", "cosh", "arcsin", "arctan", "gaussian", "abs"),
)


def draw(inner: str, outer: str, rng: np.random.Generator) -> tuple[np.ndarray, Activation]:
    """Rows x (1000,) and a composition whose two arguments cover the parts named in DOMAINS."""
    x = np.sort(rng.uniform(-1, 1, 1000)) * rng.uniform(0.5, 3) + rng.uniform(-1, 1)
    first = _onto(x, inner, rng)
    values = Activation((Term(1.0, (first,)),), 0.0).evaluate(x)
    return x, Activation((Term(rng.uniform(0.5, 2), (first, _onto(values, outer, rng))),), rng.uniform(-1, 1))


def _onto(values: np.ndarray, name: str, rng: np.random.Generator) -> Step:
    (low0, low1), (high0, high1) = DOMAINS[name]
    low, high = rng.uniform(low0, low1), rng.uniform(high0, high1)
    if name in ("sin", "cos"):
        high = min(high, low + 9.0)
    a = (high - low) / (values.max() - values.min())
    if rng.uniform() < 0.5:
        return Step(name, -a, high + a * values.min())
    return Step(name, a, low - a * values.min())


def main() -> None:
    """Print what failed, and the counts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=1)
    arguments = options.parse_args()
    functions = library()
    exact, tried, times = Counter[str](), Counter[str](), []
    for outer in NAMES:
        for inner in NAMES:
            for seed in range(arguments.draws):
                rng = np.random.default_rng([seed, NAMES.index(inner), NAMES.index(outer)])
                x, truth = draw(inner, outer, rng)
                y = truth.evaluate(x)
                start = time.perf_counter()
                best = fit_edge(x, y, None, functions, floor=1e-14, sums=False)
                times.append(time.perf_counter() - start)
                good = best[0].residual < 1e-18 and best[0].complexity <= truth.complexity
                exact[outer] += good
                tried[outer] += 1
                if not good:
                    own = [candidate.residual for candidate in best if candidate.name == truth.name]
                    print(
                        f"  {truth.name:18s} {truth.complexity:2d}  "
                        f"{best[0].name:18s} {best[0].complexity:2d} "
                        f"{best[0].residual:.1e}, itself {own[:1]}",
                        flush=True,
                    )
    for outer in NAMES:
        print(f"{outer:10s} {exact[outer]}/{tried[outer]}")
    typical, longest = 1e3 * float(np.median(times)), 1e3 * max(times)
    print(f"all {exact.total()}/{tried.total()}, median {typical:.0f} ms, longest {longest:.0f} ms")


if __name__ == "__main__":
    main()
