"""Whether formulas hang on the last bits: the same tables with other BLAS kernels and thread counts.

Every law of `kan example` (and, with noise, the first of them again) is fitted by whole processes, once per kernel of
OpenBLAS and number of threads; a line is printed for each table whose formulas differ. Run by hand: it takes an hour.

python tests/benchmarks/kernels.py --kernels Haswell SkylakeX Zen --threads 1 2 --tables 60
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import numpy as np

from kancli.examples import laws, sample

ROWS, NOISE = 300, 0.01


def tables(count: int, folder: Path) -> list[Path]:
    """The tables, exact ones first."""
    paths = []
    for number, (noise, law) in enumerate(product((0.0, NOISE), laws().values())):
        if number == count:
            break
        x, y = sample(law, ROWS, noise=noise, seed=number)
        path = folder / f"{number:02d}-{law.name}.csv"
        header = ",".join([*law.inputs, law.target])
        np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=header, comments="", fmt="%.17g")
        paths.append(path)
    return paths


def formula(path: Path, kernel: str, threads: int, seconds: int) -> str:
    """What `kan fit` prints for a table in a process with this kernel and so many threads."""
    surroundings = {**os.environ, "OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "kancli", "fit", str(path), "--time-limit", str(seconds), "--json"]
    command += ["--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings, cwd=path.parent)
    return str(json.loads(done.stdout)["formula"]) if done.returncode == 0 else f"exit {done.returncode}"


def main() -> None:
    """Print what differs, and how many tables do."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kernels", nargs="+", default=["Haswell", "SkylakeX", "Zen"])
    options.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    options.add_argument("--tables", type=int, default=60)
    options.add_argument("--time-limit", type=int, default=60)
    asked = options.parse_args()
    differ = 0
    with tempfile.TemporaryDirectory() as name:
        made = tables(asked.tables, Path(name))
        for path in made:
            found: dict[str, list[str]] = {}
            for kernel, threads in product(asked.kernels, asked.threads):
                text = formula(path, kernel, threads, asked.time_limit)
                found.setdefault(text, []).append(f"{kernel} {threads}")
            if len(found) > 1:
                differ += 1
                print(path.stem, *(f"\n    {', '.join(w)}: {t}" for t, w in found.items()), flush=True)
    print(f"{differ} of {len(made)} tables have more than one formula")


if __name__ == "__main__":
    main()
