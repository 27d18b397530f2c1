"""The first example of the KAN paper as a whole process, side by side with pykan's.

Both start from the same CSV and end in a formula: train [2,5,1], prune, train, refine to 10, train, make
symbolic, fit, print. pykan runs its own hello-world notebook (pykan_tutorial.py), kancli the recipe
quickstart.yaml (which refines to 20 as well). Processes are timed from start to end, imports included, the
two in turn, so that whatever else the machine does hits both; medians are compared. Both formulas are
evaluated on the rows with all their digits; an error below the rounding of y counts as that rounding.

pykan is in the extra `benchmark`. Where it has to live in an environment of its own, name its interpreter.

Run: python tests/benchmarks/tutorial_vs_pykan.py --pykan-python PATH --repeats 5
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "recipes" / "quickstart.yaml"
TABLE = ROOT / "sample_data" / "tutorial.csv"
PYKAN = Path(__file__).with_name("pykan_tutorial.py")


@dataclass(frozen=True)
class Outcome:
    """One process: wall time in seconds, the formula it printed, and that formula's error on the rows."""

    seconds: float
    formula: str
    rmse: float


@dataclass(frozen=True)
class Comparison:
    pykan: list[Outcome]
    kancli: list[Outcome]

    @property
    def speedup(self) -> float:
        """How many times faster kancli is, by medians."""
        return median(o.seconds for o in self.pykan) / median(o.seconds for o in self.kancli)

    @property
    def accuracy(self) -> float:
        """How many times smaller kancli's error is, by medians; rounding counts as an error."""
        ours = max(rounding(), median(o.rmse for o in self.kancli))
        return median(o.rmse for o in self.pykan) / ours


def timed(command: list[str], folder: str) -> tuple[float, dict[str, object]]:
    """Wall time of a process, and the JSON document that is the last line of its output."""
    start = perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return seconds, json.loads(done.stdout.strip().splitlines()[-1])


def rounding() -> float:
    """What double precision makes of the table's target, as a root mean square."""
    target = np.loadtxt(TABLE, delimiter=",", skiprows=1)[:, -1]
    return float(np.finfo(np.float64).eps * np.sqrt(np.mean(target**2)))


def rmse(formula: str) -> float:
    """Root mean square error of a formula in x1 and x2 on the table, by numpy alone."""
    table = np.loadtxt(TABLE, delimiter=",", skiprows=1)
    names = {name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "pi")}
    names |= {"x1": table[:, 0], "x2": table[:, 1], "E": np.e, "Abs": np.abs, "__builtins__": {}}
    return float(np.sqrt(np.mean((eval(formula, names) - table[:, -1]) ** 2)))


def run_pykan(python: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:  # pykan writes its models where it runs
        seconds, told = timed([python, str(PYKAN), str(TABLE)], folder)
    return Outcome(seconds, str(told["formula"]), float(str(told["rmse"])))


def run_kancli(kan: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        seconds, told = timed(
            [kan, "run", str(RECIPE), "--run", f"{folder}/run", "--json", "--quiet"], folder
        )
    formula = str(told["formula"])
    return Outcome(seconds, formula, rmse(formula))


def compare(pykan_python: str, kan: str, repeats: int) -> Comparison:
    """Run both in turn, `repeats` times each, and print each process as it ends."""
    found = Comparison([], [])
    for i in range(repeats):
        for name, outcomes, run in (
            ("pykan", found.pykan, lambda: run_pykan(pykan_python)),
            ("kancli", found.kancli, lambda: run_kancli(kan)),
        ):
            outcomes.append(run())
            last = outcomes[-1]
            print(
                f"{i + 1} {name:<7} {last.seconds:7.2f} s  RMSE {last.rmse:.3g}  {last.formula}", flush=True
            )
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--pykan-python", default=sys.executable, help="an interpreter that has pykan")
    options.add_argument("--kan", default="kan", help="the command kan")
    options.add_argument("--repeats", type=int, default=5, help="processes of each")
    chosen = options.parse_args()
    found = compare(chosen.pykan_python, chosen.kan, chosen.repeats)
    for name, outcomes in (("pykan", found.pykan), ("kancli", found.kancli)):
        print(f"median {name:<7} {median(o.seconds for o in outcomes):7.2f} s")
    print(f"kancli is {found.speedup:.1f} times faster, its error {found.accuracy:.3g} times smaller")


if __name__ == "__main__":
    main()
