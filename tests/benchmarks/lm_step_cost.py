"""What one Levenberg-Marquardt step costs, in units of the matrix product at its heart.

A step assembles JᵀJ, factorises it and tries the result. Its floor is the product JᵀJ itself, so the ratio
of the two says how much everything else adds, and says it alike on a slow and on a fast machine. Setting:
8 restarts of a dense [2,5,1] network, G = 5, k = 3, 1,000 rows, one thread. The two are timed in turn, so
that whatever else the machine does hits both, and medians are compared.

Run: python tests/benchmarks/lm_step_cost.py
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import torch
from problems import dense_start, seconds, tutorial_problem

from kancli.engine.training.levenberg_marquardt import levenberg_marquardt
from kancli.engine.training.normal_equations import jacobian

RESTARTS = 8
ROWS = 1_000
REPEATS = 60


@dataclass(frozen=True)
class Cost:
    """Median seconds of a step, of a step with its share of moved grids, and of the product alone."""

    step: float
    moving_step: float
    product: float

    @property
    def ratio(self) -> float:
        return self.step / self.product

    @property
    def moving_ratio(self) -> float:
        return self.moving_step / self.product


def measure(repeats: int = REPEATS) -> Cost:
    """Time steps and products in turn, `repeats` times."""
    torch.set_num_threads(1)
    problem = tutorial_problem(ROWS)
    network = dense_start((2, 5, 1), problem, restarts=RESTARTS, grid=5)
    fixed = levenberg_marquardt(network, problem)
    moving = levenberg_marquardt(network, problem, move_grid_every=4)
    next(fixed), next(moving)
    j, _ = jacobian(network, problem.x)
    steps, moving_steps, products = [], [], []
    for _ in range(repeats):
        steps.append(seconds(lambda: next(fixed)))
        products.append(seconds(lambda: torch.bmm(j, j.transpose(1, 2))))
        # Four, because every fourth step looks at the grids.
        moving_steps.append(seconds(lambda: [next(moving) for _ in range(4)]) / 4)
        products.append(seconds(lambda: torch.bmm(j, j.transpose(1, 2))))
    return Cost(median(steps), median(moving_steps), median(products))


def main() -> None:
    cost = measure()
    print(f"{RESTARTS} restarts of [2,5,1], G=5, {ROWS} rows, one thread, medians of {REPEATS}")
    print(f"product JᵀJ            {cost.product * 1e3:7.2f} ms")
    print(f"step                   {cost.step * 1e3:7.2f} ms  {cost.ratio:5.2f} times the product")
    print(
        f"step, grids moving     {cost.moving_step * 1e3:7.2f} ms  {cost.moving_ratio:5.2f} times the product"
    )


if __name__ == "__main__":
    main()
