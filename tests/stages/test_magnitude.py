"""Targets whose squares are no float64: refused with the number and what to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.errors import DataError
from kancli.stages.magnitude import check_magnitude

RNG = np.random.default_rng(0)


def table(scale: float) -> Dataset:
    x = RNG.uniform(0.5, 5.0, 30)
    return replace(from_memory({"x": x, "y": x})[0], y=x * scale)


@pytest.mark.parametrize("scale", [1e300, 3e307, -1e200, 1e-300, 5e-322])
def test_squares_that_overflow_or_vanish_are_refused(scale: float) -> None:
    with pytest.raises(DataError, match="squares are no float64") as caught:
        check_magnitude(table(scale))
    assert "divide it by 1e" in str(caught.value.hint)


@pytest.mark.parametrize("scale", [1e130, 1.0, -1e-130])
def test_squares_that_are_numbers_are_fine(scale: float) -> None:
    check_magnitude(table(scale))


def test_a_constant_that_is_much_larger_than_what_varies_is_fine() -> None:
    check_magnitude(replace(table(1.0), y=1e12 + RNG.normal(size=30)))
