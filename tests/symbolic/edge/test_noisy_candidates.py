"""What may stand on the only edge of a table of one input with noise."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.library.functions import library
from kancli.symbolic.reading.assignment import Data, Search, measured_candidates


def names(x: np.ndarray, y: np.ndarray) -> list[str]:
    """The names of the candidates, best first."""
    search = Search(library(None, (), {}), True, 5, {}, {})
    return [c.activation.name for c in measured_candidates(Data(x[None], y, None), search).candidates]


def test_a_curve_with_fewer_constants_goes_before_one_that_only_follows() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 3, 1000) / 3
    y = np.exp(-((3 * x) ** 2) / 2)
    noisy = y + rng.normal(0, 0.1 * np.sqrt(np.mean(y**2)), len(y))
    assert names(x, (noisy - noisy.mean()) / noisy.std())[0] == "gaussian"


def test_a_product_is_not_hidden_by_the_wave_in_it() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 200)
    y = np.exp(-1.6 * x) * np.cos(24 * x)
    noisy = y + rng.normal(0, 0.02, len(y))
    assert "exp*cos" in names(x, (noisy - noisy.mean()) / noisy.std())[:2]


def test_a_plain_function_is_still_the_first_where_it_is_the_law() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0.1, 1, 400)
    y = 1 / x + rng.normal(0, 0.1, 400)
    assert names(x, (y - y.mean()) / y.std())[0] == "1/x"
