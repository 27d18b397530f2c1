"""Training does not depend on the units of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kancli.dataset import Dataset
from kancli.recipe import TrainOptions
from kancli.stages.progress import silent
from kancli.stages.train import train


def dataset(scale: float) -> Dataset:
    """sin(2x₀) + x₁²/2 with noise, times `scale`; a fifth held out."""
    generator = np.random.default_rng(0)
    x = generator.uniform(-3, 3, (120, 2))
    y = np.sin(2 * x[:, 0]) + x[:, 1] ** 2 / 2 + 0.1 * generator.standard_normal(120)
    return Dataset(("a", "b"), "y", x, y * scale, np.arange(120) % 5 == 0, {}, "here", "", ())


@pytest.mark.parametrize("scale", [2.0**-66, 2.0**66], ids=["tiny", "huge"])
@pytest.mark.parametrize(("optimizer", "steps"), [("lm", 12), ("lbfgs", 2), ("adam", 20)])
def test_lamb_means_the_same_whatever_the_units_of_the_target(
    optimizer: str, steps: int, scale: float
) -> None:
    """Powers of two change no digits, so the networks must agree to the bit."""
    options: dict[str, Any] = {"optimizer": optimizer, "steps": steps, "lamb": 0.02, "restarts": 2}
    one, other = (
        train(dataset(s), TrainOptions(width="2,3,1", **options), seed=1, jobs=1, report=silent)
        for s in (1.0, scale)
    )
    for name, tensor in one.tensors.items():
        np.testing.assert_array_equal(other.tensors[name], tensor)
    assert other.metadata["metrics"]["r2"] == one.metadata["metrics"]["r2"]
    assert other.metadata["metrics"]["rmse"] == pytest.approx(one.metadata["metrics"]["rmse"] * scale)


def test_lamb_is_no_smaller_a_penalty_for_more_rows() -> None:
    """The penalty is a mean over rows like the error: rows given twice make the same network."""
    once = dataset(1.0)
    twice = Dataset(
        ("a", "b"), "y", *(np.concatenate([v, v]) for v in (once.x, once.y, once.validation)),
        {}, "here", "", (),
    )  # fmt: skip
    options = TrainOptions(width="2,3,1", steps=6, lamb=0.02, restarts=2)
    one, other = (train(d, options, seed=1, jobs=1, report=silent) for d in (once, twice))
    for name, tensor in one.tensors.items():
        np.testing.assert_allclose(other.tensors[name], tensor, rtol=1e-5, atol=1e-7)
