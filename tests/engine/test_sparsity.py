"""What `lamb` is for, with each optimiser: edges that the data do not need fade."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
import torch

from kancli.engine.architecture import dense
from kancli.engine.network import Network, initial_network, trace
from kancli.engine.training.first_order import adam, lbfgs
from kancli.engine.training.levenberg_marquardt import Problem, State, levenberg_marquardt

Optimiser = Callable[[Network, Problem], Iterator[State]]

OPTIMISERS: dict[str, tuple[Optimiser, int]] = {
    "lm": (lambda n, p: levenberg_marquardt(n, p, move_grid_every=4), 60),
    "lbfgs": (lambda n, p: lbfgs(n, p, move_grid_every=2), 12),
    "adam": (lambda n, p: adam(n, p, learning_rate=0.02, move_grid_every=50), 400),
}


def spread(network: Network, x: torch.Tensor) -> torch.Tensor:
    """Mean deviation of every activation of the first layer, (E,)."""
    phi = trace(network, x).activations[0][0]
    return (phi - phi.mean(-1, keepdim=True)).abs().mean(-1)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_lamb_silences_the_inputs_that_the_target_does_not_depend_on(name: str) -> None:
    """sin(3 x₀) with noise, five inputs, 60 rows: without a penalty the other four fit the noise."""
    optimiser, steps = OPTIMISERS[name]
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(5, 60, generator=generator, dtype=torch.float64) * 2 - 1
    y = torch.sin(3 * x[0]) + 0.2 * torch.randn(60, generator=generator, dtype=torch.float64)
    y = (y - y.mean()) / y.std()
    start = initial_network(
        dense((5, 1)), -torch.ones(5).double(), torch.ones(5).double(),
        restarts=1, grid=4, order=3, base="none", noise=0.1, generator=generator,
    )  # fmt: skip

    def fitted(lamb: float) -> torch.Tensor:
        problem = Problem(x, y, None, lamb, 2.0)
        return spread(next(islice(optimiser(start, problem), steps, None)).network, x)

    without, with_ = fitted(0.0), fitted(0.05)
    assert float(without[1:].min()) > 0.03
    assert float(with_[1:].max()) < 0.01
    assert float(with_[0]) > 0.5, "the input that matters stays"
