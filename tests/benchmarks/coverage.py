"""How often intervals of 95 % hold the truth: ten forms, many draws each, pooled.

    python tests/benchmarks/coverage.py --draws 200

For each draw a table is made from a form with known constants and errors, the form is fitted to it, and three things
are asked: whether each constant lies in its interval by profile likelihood, whether each lies within two standard
errors, and whether new observations at new places lie in the interval of the prediction.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from kancli.door.fitting import fit
from kancli.stages.results.interval import band


@dataclass(frozen=True)
class Case:
    """A form with its constants, the range of x, rows, and the errors: a model and their size."""

    form: str
    constants: dict[str, float]
    low: float
    high: float
    rows: int
    errors: str
    scale: float


CASES = (
    Case("m*x + n", {"m": 1.5, "n": -2.0}, 0, 4, 20, "additive", 0.3),
    Case("a*exp(-k*x)", {"a": 3.0, "k": 0.8}, 0, 3, 15, "additive", 0.1),
    Case("a*exp(-k*x) + c", {"a": 2.0, "k": 1.1, "c": 0.5}, 0, 5, 30, "additive", 0.05),
    Case("V*x/(K + x)", {"V": 2.0, "K": 0.6}, 0.05, 4, 20, "additive", 0.05),
    Case("a*x**p", {"a": 3.0, "p": 1.4}, 0.1, 10, 25, "log", 0.1),
    Case("a/(1 + exp(-k*(x - m)))", {"a": 5.0, "k": 1.5, "m": 3.0}, 0, 6, 40, "additive", 0.1),
    Case("a*sin(w*x + p)", {"a": 2.0, "w": 1.3, "p": 0.4}, 0, 10, 50, "additive", 0.3),
    Case("a*exp(-(x - m)**2/(2*s**2))", {"a": 4.0, "m": 2.0, "s": 0.7}, 0, 4, 40, "additive", 0.2),
    Case("a*sqrt(x) + b*x", {"a": 1.0, "b": 0.5}, 0.1, 9, 20, "relative", 0.05),
    Case("a*(1 - exp(-k*x))", {"a": 10.0, "k": 0.3}, 0.2, 8, 25, "counts", 0.3),
)


def deviation(case: Case, law: np.ndarray) -> np.ndarray:
    """The size of the error of each row."""
    if case.errors == "additive":
        return np.full_like(law, case.scale)
    return case.scale * (np.sqrt(np.abs(law)) if case.errors == "counts" else np.abs(law))


def value_of(case: Case, x: np.ndarray) -> np.ndarray:
    """The law at x."""
    names = {**case.constants, "x": x, "exp": np.exp, "sin": np.sin, "sqrt": np.sqrt}
    return np.asarray(eval(case.form, {}, names))


def observed(case: Case, x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The law with errors."""
    law = value_of(case, x)
    if case.errors == "log":
        return law * np.exp(case.scale * generator.normal(size=len(x)))
    return law + deviation(case, law) * generator.normal(size=len(x))


def covered(case: Case, draws: int, seed: int) -> np.ndarray:
    """Counts: constants inside their intervals, within two standard errors, all; new rows inside, all."""
    generator = np.random.default_rng(seed)
    counts = np.zeros(5, dtype=int)
    for _ in range(draws):
        x = generator.uniform(case.low, case.high, case.rows)
        y = observed(case, x, generator)
        found = fit({"x": x, "y": y}, like=case.form, errors=case.errors, loss="squares", jobs=1)
        facts = found.checkpoint.metadata
        if not facts.get("uncertainty"):
            continue
        for entry in facts["parameters"]:
            truth, (low, high) = case.constants[entry["name"]], entry["interval"]
            inside = (low is None or low <= truth) and (high is None or truth <= high)
            near = abs(entry["value"] - truth) <= 2 * (entry["standard_error"] or 0.0)
            counts[:3] += (inside, near, 1)
        new = generator.uniform(case.low, case.high, 10)
        seen = observed(case, new, generator)
        below, above = band(facts, new[:, None], 0.95)
        counts[3:] += (int(((below <= seen) & (seen <= above)).sum()), len(new))
    return counts


def main() -> None:
    """Print a line per form, and the pooled shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    total = np.zeros(5, dtype=int)
    print("form\terrors\tintervals\ttwo standard errors\tpredictions")
    for number, case in enumerate(CASES):
        counts = covered(case, asked.draws, asked.seed + number)
        total += counts
        print(f"{case.form}\t{case.errors}\t{shares(counts)}", flush=True)
    print(f"all\t\t{shares(total)}")


def shares(counts: np.ndarray) -> str:
    """The three shares."""
    inside, near, constants, seen, rows = (int(count) for count in counts)
    return f"{inside / constants:.3f}\t{near / constants:.3f}\t{seen / rows:.3f}"


if __name__ == "__main__":
    main()
