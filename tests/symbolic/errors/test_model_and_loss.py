"""Models of errors and their distributions: densities that integrate to one, weights that are their slopes."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.errors.loss import LOSSES, Loss, robust_scale
from kancli.symbolic.errors.model import ADDITIVE, MODELS, Model, possible

NORMAL = 0.5 * np.log2(2 * np.pi * np.e)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_each_distribution_has_a_density(loss: Loss, scale: float) -> None:
    grid = scale * np.linspace(-60, 60, 3001)
    density = 2.0 ** -np.array([loss.bits_of(np.array([r]), scale) + NORMAL for r in grid])
    assert np.isclose(np.sum(density) * (grid[1] - grid[0]), 1.0, atol=2e-3)


@pytest.mark.parametrize("loss", [LOSSES["t"], LOSSES["huber"], LOSSES["squares"]], ids=lambda one: one.name)
@pytest.mark.parametrize("u", [0.3, 1.0, 2.0, 20.0])
def test_the_weight_is_the_slope_of_the_logarithm_of_the_density(loss: Loss, u: float) -> None:
    step = 1e-4
    slope = (loss.bits_of(np.array([u + step]), 1.0) - loss.bits_of(np.array([u - step]), 1.0)) / (2 * step)
    assert np.isclose(slope * np.log(2) / u, loss.weight(np.array([u]))[0], rtol=1e-3)


def test_the_robust_scale_is_sigma_whatever_a_few_rows_are() -> None:
    noise = np.random.default_rng(0).normal(0, 2.0, 2000)
    noise[:50] = 1e6
    assert np.isclose(robust_scale(noise), 2.0, rtol=0.1)


@pytest.mark.parametrize("model", [m for several in MODELS.values() for m in several if m.name != "log"])
def test_no_variance_goes_to_0_with_the_formula(model: Model) -> None:
    y = np.geomspace(1e-3, 1e3, 20)
    assert (model.variance(np.zeros(20), y) > 0).all()


def test_the_models_that_are_asked_about_follow_from_the_target() -> None:
    narrow, wide = np.linspace(10, 11, 200), np.geomspace(1, 1000, 30) + 0.5
    assert possible(narrow) == [ADDITIVE]
    assert [m.name for m in possible(wide)] == ["additive", "log"]
    assert [m.name for m in possible(np.concatenate([wide, -wide]))] == ["additive", "log"]
    assert possible(np.concatenate([wide, [0.0], -wide])) == [ADDITIVE]
    assert "counts" in [m.name for m in possible(np.round(wide))]
