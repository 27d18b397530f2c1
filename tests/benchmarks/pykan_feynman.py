"""The dimensionless Feynman equations of the KAN paper, each with a width that can hold it: ours and pykan's.

    python tests/benchmarks/pykan_feynman.py --bench ../shared/bench [--pykan-python PATH] [--cases I_6_2 …]

1,000 rows, seed 0. Ours is `kan run` of a generated recipe (train, prune, refine, symbolify), pykan's the
road of its documentation (pykan_feynman_auto.py) with the same width. Judged by the referee's own rule
(`judge.py` in the folder that --bench names). The widths are written down here because a width is what a
user of either tool has to give; each is what the equation's structure suggests, with nothing to spare.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from kancli.recipe.width import parse_width

ROWS = 1000
SUITE = "pykan_feynman"
PYKAN = Path(__file__).with_name("pykan_feynman_auto.py")

WIDTHS = {
    "I_6_2": "2,1+1p,1,1",  # θ²/σ², log σ; their sum; exp
    "I_6_2b": "3,2,1+1p,1,1",  # θ - θ₁, σ; the same
    "I_9_18": "6,4,2,1,1",  # c - d, e - f, b, a; log of the sum of squares, log a; exp
    "I_12_11": "2,1p,1",
    "I_13_12": "2,1p,1",
    "I_15_3x": "2,1p,1",
    "I_16_6": "2,1,1",  # tanh(artanh a + artanh b)
    "I_18_4": "2,1+1p,1",  # 1/(1 + a), b·a/(1 + a)
    "I_26_2": "2,1p,1",
    "I_27_6": "2,1p,1",
    "I_29_16": "3,1+2p,1,1",  # a·cos·cos, a·sin·sin, a²; their sum; root
    "I_30_3": "2,1+1p,1p",  # n·θ, θ; sin²·sin⁻²
    "I_30_5": "2,1p,1",
    "I_37_4": "2,1+1p,1",
    "I_40_1": "2,1p,1",
    "I_44_4": "2,1p,1",
    "I_50_26": "2,1+1p,1",
    "II_2_42": "2,1p,1",
    "II_6_15a": "3,2,1+1p,1",  # a² + b², c; root times c
    "II_11_7": "3,1+1p,1",  # n₀, n₀·a·cos
    "II_11_27": "2,1p,1",
    "II_35_18": "2,1p,1",
    "II_36_38": "3,1+1p,1",
    "II_38_3": "2,1p,1",
    "III_9_52": "3,2,1p",  # b - c, a; their product
    "III_10_19": "2,1,1",
    "III_17_37": "3,1+1p,1",
}


@dataclass(frozen=True)
class Outcome:
    """What one tool made of one case: `exact`, `form` or `-`, and the formula or why there is none."""

    mark: str
    seconds: float
    text: str


def outcome(case: dict[str, Any], command: list[str], folder: str, limit: float) -> Outcome:
    """Run a command whose last line of output is a JSON document with a formula, and judge that."""
    import judge

    began = perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        return Outcome("-", perf_counter() - began, f"not done after {limit:g} s")
    seconds = perf_counter() - began
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("hint:")]
        return Outcome("-", seconds, (lines or ["no message"])[-1])
    formula = str(json.loads(done.stdout.strip().splitlines()[-1])["formula"])
    verdict = judge.judge(case, formula)
    mark = "exact" if verdict["exact"] else "form" if verdict["form"] else "-"
    return Outcome(mark, seconds, formula if verdict["error"] is None else f"{formula}  ({verdict['error']})")


def ours(case: dict[str, Any], data: Path, width: str, run: Path, limit: float) -> Outcome:
    recipe = data.with_suffix(".yaml")
    recipe.write_text(f'version: 1\nseed: 0\ndata: {{path: {data.name}}}\ntrain: {{width: "{width}"}}\n')
    command = [sys.executable, "-m", "kancli", "run", str(recipe), "--run", str(run), "-q", "--json"]
    return outcome(case, [*command, "--jobs", "1"], str(data.parent), limit)


def pykan(case: dict[str, Any], data: Path, width: str, python: str, limit: float) -> Outcome:
    pairs = json.dumps([list(layer) for layer in parse_width(width)])
    return outcome(case, [python, str(PYKAN), str(data), pairs, "0"], str(data.parent), limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bench", required=True, help="folder with the referee's cases and judge.py")
    parser.add_argument("--cases", nargs="*", default=list(WIDTHS), help="names as in the table of widths")
    parser.add_argument("--pykan-python", help="an interpreter that has pykan; without it only ours is run")
    parser.add_argument("--skip-ours", action="store_true")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of each table; pykan is slow on many")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one case")
    parser.add_argument("--keep", type=Path, help="keep tables and runs in this folder")
    chosen = parser.parse_args()
    sys.path.insert(0, os.path.abspath(chosen.bench))
    import make_data

    cases = make_data.load_cases()
    found: dict[str, list[Outcome]] = {}
    for name in chosen.cases:
        case = cases[f"pykan_dimless_{name}"]
        assert case["suite"] == SUITE
        with tempfile.TemporaryDirectory() as temporary:
            folder = (chosen.keep or Path(temporary)).resolve()
            folder.mkdir(exist_ok=True, parents=True)
            data = folder / f"{name}.csv"
            x, y, _ = make_data.sample(case, chosen.rows, np.random.default_rng(0))
            make_data.write(str(data), case, x, y, 0, 0, 0)
            tools = {}
            if not chosen.skip_ours:
                tools["kancli"] = ours(case, data, WIDTHS[name], folder / f"run-{name}", chosen.limit)
            if chosen.pykan_python:
                tools["pykan"] = pykan(case, data, WIDTHS[name], chosen.pykan_python, chosen.limit)
        for tool, o in tools.items():
            found.setdefault(tool, []).append(o)
            print(
                f"{o.mark:5} {o.seconds:6.1f}s {tool:6} {name:9} [{WIDTHS[name]}] {o.text[:300]}", flush=True
            )
    for tool, outcomes in found.items():
        exact = sum(o.mark == "exact" for o in outcomes)
        form = sum(o.mark != "-" for o in outcomes)
        middle = float(np.median([o.seconds for o in outcomes]))
        print(f"{tool}: exact {exact}, form {form} of {len(outcomes)}; median {middle:.1f} s")


if __name__ == "__main__":
    main()
