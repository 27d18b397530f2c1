"""The seven targets in other units: inputs or output 1e-20 and 1e20 times as large.

    python tests/benchmarks/scales.py --bench ../shared/bench [--seed 0]

A unit must not matter: the formula has to be the same with the power of ten in it, to the last digit. Prints
one line a target and scale, and how many are exact by the referee's rule (`judge.py` in the folder that
--bench names) of how many.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from symbolify_targets import ROWS, TARGETS, case_of, in_process

# Factors of the inputs and of the output.
SCALES = [(1.0, 1.0), (1e-20, 1.0), (1e20, 1.0), (1.0, 1e-20), (1.0, 1e20)]


def scaled_case(formula: str, low: float, high: float, of_x: float, of_y: float) -> dict:
    """The target with its inputs given in other units, and its output in others again."""
    inner = re.sub(r"\b([xy])\b", rf"(\1/{of_x!r})", formula) if of_x != 1.0 else formula
    return case_of(f"{of_y!r}*({inner})" if of_y != 1.0 else inner, low * of_x, high * of_x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bench", required=True, help="folder with the referee's judge.py")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.path.insert(0, os.path.abspath(arguments.bench))
    import judge
    import make_data

    exact = runs = 0
    for formula, width, low, high in TARGETS:
        for of_x, of_y in SCALES:
            case = scaled_case(formula, low, high, of_x, of_y)
            x, y, _ = make_data.sample(
                case_of(formula, low, high), ROWS, np.random.default_rng(arguments.seed)
            )
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder, "data.csv")
                make_data.write(str(data), case, x * of_x, y * of_y, 0, arguments.seed, 0)
                began = time.perf_counter()
                try:
                    found = in_process(data, width, arguments.seed)
                except Exception as problem:  # a crash is a result too: it is counted as a failure
                    found = f"0  # {problem!r}"
                seconds = time.perf_counter() - began
            verdict = judge.judge(case, found)
            runs += 1
            exact += bool(verdict["exact"])
            mark = "exact" if verdict["exact"] else "-"
            print(
                f"{mark:5} {seconds:5.1f}s  x {of_x:g} y {of_y:g}  {formula} [{width}]: {found}", flush=True
            )
    print(f"exact {exact} of {runs}")


if __name__ == "__main__":
    main()
