"""Seven targets, three seeds, from the width given through train, prune, refine and symbolify.

    python tests/benchmarks/symbolify_targets.py --bench ../shared/bench [--noise 0.01] [--commands]

Each formula is judged by the referee's own rule (`judge.py` in the folder that --bench names): `exact` on
clean data, `form` on noisy data. With --commands every stage is a `kan` process of its own in a shell
pipeline, else the same stages run in this process. "clean" counts formulas whose constants are all exact.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS = 400
TARGETS = [
    ("exp(sin(pi*x) + y**2)", "2,5,1", -1.0, 1.0),
    ("x*y", "2,5,1", -1.0, 1.0),
    ("x*y", "2,1p,1", -1.0, 1.0),
    ("sin(3*x) + y**2", "2,1", -1.0, 1.0),
    ("x/y", "2,5,1", 0.5, 2.0),
    ("sqrt(x**2 + y**2)", "2,5,1", -1.0, 1.0),
    ("x*sin(y)", "2,5,1", -1.0, 1.0),
]


def case_of(formula: str, low: float, high: float) -> dict:
    return {
        "id": formula,
        "formula": formula,
        "n_vars": 2,
        "target": "z",
        "vars": [{"name": name, "low": low, "high": high} for name in "xy"],
    }


def through_commands(data: Path, width: str, seed: int) -> str:
    """The formula that the shell pipeline of stage commands prints."""
    script = (
        f"set -o pipefail; kan train {data} --width {width} --seed {seed} -q | kan prune -q --seed {seed}"
        f" | kan refine -q --seed {seed} | kan symbolify -q --json --seed {seed}"
    )
    done = subprocess.run(["bash", "-c", script], cwd=data.parent, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["formula"])


def in_process(data: Path, width: str, seed: int) -> str:
    """The formula of the same stages, called one after the other."""
    from kancli.dataset import read_dataset
    from kancli.recipe import PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
    from kancli.stages.progress import silent
    from kancli.stages.prune import prune
    from kancli.stages.refine import refine
    from kancli.stages.symbolify import symbolify
    from kancli.stages.train import train

    common = {"seed": seed, "jobs": 1, "report": silent}
    dataset = read_dataset(str(data), seed=seed)
    checkpoint = train(dataset, TrainOptions(width=width), **common)
    checkpoint = prune(checkpoint, dataset, PruneOptions(), **common)
    checkpoint = refine(checkpoint, dataset, RefineOptions(), **common)
    return str(symbolify(checkpoint, dataset, SymbolifyOptions(), **common).metadata["formula"])


def has_float(formula: str) -> bool:
    """Whether some constant is neither exact nor a short decimal."""
    import sympy

    expression = sympy.sympify(formula, locals={n: sympy.Symbol(n) for n in "xy"})
    return any(abs(f * 100 - round(f * 100)) > 1e-9 for f in map(float, expression.atoms(sympy.Float)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True, help="folder with the referee's judge.py")
    parser.add_argument("--noise", type=float, default=0.0, help="share of the target's root mean square")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--commands", action="store_true")
    arguments = parser.parse_args()
    sys.path.insert(0, os.path.abspath(arguments.bench))
    import judge
    import make_data

    find = through_commands if arguments.commands else in_process
    counts = {"exact": 0, "form": 0, "clean": 0, "runs": 0}
    for formula, width, low, high in TARGETS:
        case = case_of(formula, low, high)
        for seed in arguments.seeds:
            rng = np.random.default_rng(seed)
            x, y, _ = make_data.sample(case, ROWS, rng)
            y = make_data.add_noise(y, arguments.noise, "rms", rng)
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder, "data.csv")
                make_data.write(str(data), case, x, y, 0, seed, 0)
                began = time.perf_counter()
                try:
                    found = find(data, width, seed)
                except Exception as problem:  # a crash is a result too: it is counted as a failure
                    print(f"-      {formula} [{width}] seed {seed}: {problem!r}")
                    counts["runs"] += 1
                    continue
                seconds = time.perf_counter() - began
            verdict = judge.judge(case, found)
            clean = bool(verdict["form"]) and not has_float(found)
            counts["runs"] += 1
            counts["exact"] += bool(verdict["exact"])
            counts["form"] += bool(verdict["form"])
            counts["clean"] += clean
            mark = "exact" if verdict["exact"] else "form" if verdict["form"] else "-"
            neat = "clean" if clean else ""
            print(f"{mark:5} {neat:5} {seconds:5.1f}s  {formula} [{width}] seed {seed}: {found}")
    print(" ".join(f"{key} {value}" for key, value in counts.items()))


if __name__ == "__main__":
    main()
