"""How well counted work tells processor time: units per second of training, pruning and reading, one thread.

A search divides its work by counted units, so the parts of it should count about the same per second. The constants
FLOPS, CALL and ELEMENTWISE of kancli/work.py were chosen such that this prints about 1.

OMP_NUM_THREADS=1 python tests/benchmarks/work_units.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from kancli.dataset import from_memory
from kancli.recipe import FitOptions
from kancli.search.networks.read import read
from kancli.search.networks.slim import slim
from kancli.search.networks.train import train_shape
from kancli.search.trained import Shape
from kancli.work import spent

Result = TypeVar("Result")
LAWS: dict[int, Callable[..., np.ndarray]] = {
    2: lambda a, b: np.sqrt(a**2 + b**2 + a * b) * np.sin(a),
    3: lambda a, b, c: np.exp(-a * b / c) / (1 + a),
    8: lambda a, *more: np.sqrt(a**2 + sum(x**2 for x in more)) + a * np.sin(more[-1]),
}
CASES = [
    (2, 1000, "2,1,1"),
    (2, 1000, "2,2,1,1"),
    (3, 200, "3,3,1,1"),
    (3, 1000, "3,1,1"),
    (8, 1000, "8,3,1,1"),
]


def measured(work: Callable[[], Result]) -> tuple[Result, str]:
    """The result, and units, seconds and their quotient."""
    units, seconds = spent(), time.process_time()
    result = work()
    units, seconds = spent() - units, time.process_time() - seconds
    return result, f"{units:7.2f} {seconds:7.2f} {units / seconds:6.2f}"


def main() -> None:
    """Print a line per shape."""
    torch.set_num_threads(1)
    options = FitOptions()
    columns = "  ".join(f"{name:>22s}" for name in ("train", "prune and refine", "first look"))
    print(f"{'rows':>5s} {'shape':>8s} {columns}   (units, seconds, units per second)")
    for inputs, rows, width in CASES:
        x = np.random.default_rng(0).uniform(1, 3, (rows, inputs))
        data, _ = from_memory(x, LAWS[inputs](*x.T))
        trained, first = measured(lambda w=width, d=data: train_shape(Shape(w), d, options, 0))
        small, second = measured(lambda t=trained, d=data: slim(t, d, options, 0))
        _, third = measured(lambda s=small, d=data: read(s, d, options, effort="first"))
        print(f"{rows:5d} {width:>8s} {first}  {second}  {third}", flush=True)


if __name__ == "__main__":
    main()
