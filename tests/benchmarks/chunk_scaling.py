"""Time and memory of a Levenberg-Marquardt step against the number of rows.

The normal equations are sums over rows, taken over chunks of them. So time should grow as the rows do, and
memory should stay where it is once the data themselves are there. Each row count runs in a process of its
own, because a process's peak memory never falls: the peak after the data are made is subtracted from the
peak after four steps of 8 restarts of [2,5,1], G = 5, with grids that move and a look at the held-out error.

Run: python tests/benchmarks/chunk_scaling.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

import torch
from problems import dense_start, seconds

from kancli.engine.training.fitting import held_out_error
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt

ROWS = (1_000, 10_000, 100_000)
STEPS = 4
# The fewer the rows, the more repetitions, so that each figure is a median of some seconds of work.
REPEATS = {1_000: 25, 10_000: 5, 100_000: 2}


@dataclass(frozen=True)
class Usage:
    """Seconds a step, MiB of the data, and MiB that the steps needed beyond them at their peak."""

    rows: int
    step: float
    data: float
    beyond: float


def peak() -> float:
    """This process's largest resident set so far, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def data(rows: int) -> Problem:
    """The tutorial function on random rows, made a piece at a time: the making must not set the peak."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.empty(2, rows, dtype=torch.float64), torch.empty(rows, dtype=torch.float64)
    for start in range(0, rows, 1_000):
        part = torch.rand(2, min(1_000, rows - start), generator=generator, dtype=torch.float64) * 2 - 1
        x[:, start : start + 1_000] = part
        y[start : start + 1_000] = (torch.exp(torch.sin(torch.pi * part[0]) + part[1] ** 2) - 1.7) / 1.5
    return Problem(x, y)


def use(rows: int) -> Usage:
    """Measure one row count in this process."""
    torch.set_num_threads(1)
    warm = data(100)
    next(levenberg_marquardt(dense_start((2, 5, 1), warm, restarts=2, grid=5), warm))
    problem = data(rows)
    before = peak()
    states = levenberg_marquardt(
        dense_start((2, 5, 1), problem, restarts=8, grid=5), problem, move_grid_every=STEPS
    )
    times = []
    next(states)
    for _ in range(REPEATS[rows]):
        times.append(seconds(lambda: [next(states) for _ in range(STEPS)]) / STEPS)
    held_out_error(next(states).network, problem)
    size = 8 * (problem.x.numel() + problem.y.numel()) / 2**20
    return Usage(rows, median(times), size, peak() - before)


def measure() -> list[Usage]:
    """One subprocess a row count."""
    found = []
    for rows in ROWS:
        done = subprocess.run(
            [sys.executable, __file__, str(rows)], capture_output=True, text=True, check=True
        )
        found.append(Usage(**json.loads(done.stdout)))
    return found


def main() -> None:
    print(f"{'rows':>8} {'ms a step':>10} {'times':>7} {'data MiB':>9} {'beyond MiB':>11}")
    usages = measure()
    for usage in usages:
        step, times = usage.step * 1e3, usage.step / usages[0].step
        print(f"{usage.rows:>8} {step:>10.2f} {times:>7.2f} {usage.data:>9.2f} {usage.beyond:>11.1f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(vars(use(int(sys.argv[1])))))
    else:
        main()
