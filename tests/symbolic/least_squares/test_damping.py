"""The damping: how it follows good and bad steps."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.least_squares.damping import GROWTH, LEAST_DAMPING, MOST_DAMPING, adapted


@pytest.mark.parametrize(("ratio", "factor"), [(1.0, 0.1), (0.5, 1.0), (0.75, 0.875), (0.0, 1.0), (5.0, 0.1)])
def test_an_accepted_step_lowers_the_damping_as_far_as_the_linear_model_was_true(
    ratio: float, factor: float
) -> None:
    damping, growth = adapted(1.0, 16.0, True, ratio)
    assert damping == pytest.approx(factor)
    assert growth == GROWTH


def test_refused_trials_raise_it_faster_and_faster_up_to_a_bound() -> None:
    damping, growth = np.float64(1.0), np.float64(GROWTH)
    factors = []
    for _ in range(7):
        before = damping
        damping, growth = adapted(damping, growth, False, 0.0)
        factors.append(float(damping / before))
    assert factors == [4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]


def test_it_stays_within_its_bounds() -> None:
    assert adapted(LEAST_DAMPING, 2.0, True, 1.0)[0] == LEAST_DAMPING
    assert adapted(MOST_DAMPING, 64.0, False, 0.0)[0] == MOST_DAMPING


def test_many_problems_are_many_single_ones() -> None:
    damping, growth = np.array([1.0, 1e-3, 5.0]), np.array([2.0, 8.0, 4.0])
    accepted, ratio = np.array([True, False, True]), np.array([0.9, 3.0, 0.2])
    together = adapted(damping, growth, accepted, ratio)
    each = [adapted(*one) for one in zip(damping, growth, accepted, ratio, strict=True)]
    np.testing.assert_array_equal(np.stack(together, axis=1), np.array(each))
