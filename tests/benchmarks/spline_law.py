"""The error of a network of the right shape falls as G⁻⁴, which is what refining its grids rests on.

[2,1,1] can hold exp(sin(πx₁) + x₂²) exactly, so the only error left is that of its cubic splines, O(h⁴): a
factor of 16 a doubling in the limit. Trained at G = 5, then refined to 10, 20 and 40 and fitted again at
each, as `kan train` and `kan refine` do; the error is that of rows that no fit has seen.

Run: python tests/benchmarks/spline_law.py
"""

from __future__ import annotations

from itertools import islice, pairwise

import torch
from problems import dense_start, tutorial_problem

from kancli.engine.training.fitting import Fit, held_out_error
from kancli.engine.training.grid import refine_grids
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt

GRIDS = (5, 10, 20, 40)
ROWS = 1_000
RESTARTS = 4
STEPS = 60


def measure() -> dict[int, float]:
    """Relative root mean square error at each grid, on rows held out."""
    torch.set_num_threads(1)
    both = tutorial_problem(2 * ROWS)
    problem = Problem(both.x[:, :ROWS].contiguous(), both.y[:ROWS])
    fresh = Problem(both.x[:, ROWS:].contiguous(), both.y[ROWS:])
    network = dense_start((2, 1, 1), problem, restarts=RESTARTS, grid=GRIDS[0])
    errors = {}
    for grid in GRIDS:
        if grid != GRIDS[0]:
            network = refine_grids(network, grid)
        states = levenberg_marquardt(network, problem, move_grid_every=4)
        network = next(islice(states, STEPS, None)).network
        network = Fit(network, held_out_error(network, problem), STEPS).best().network
        errors[grid] = float(held_out_error(network, fresh)[0])
    return errors


def main() -> None:
    errors = measure()
    print(f"[2,1,1] on exp(sin(pi*x1) + x2**2), {ROWS} rows to fit, {ROWS} others to judge")
    print(f"{'G':>4} {'relative RMSE':>14} {'falls by':>9}")
    print(f"{GRIDS[0]:>4} {errors[GRIDS[0]]:>14.3g}")
    for coarse, fine in pairwise(GRIDS):
        print(f"{fine:>4} {errors[fine]:>14.3g} {errors[coarse] / errors[fine]:>9.1f}")


if __name__ == "__main__":
    main()
