"""The engine's promised figures, asserted by the benchmarks that print them.

Ratios within one run, so a busy machine may lower the odds but not move the truth.
"""

from __future__ import annotations

from itertools import pairwise

import chunk_scaling
import lm_step_cost
import pytest
import spline_law

pytestmark = pytest.mark.slow


def test_a_step_costs_at_most_three_times_its_own_matrix_product() -> None:
    cost = lm_step_cost.measure()
    assert cost.ratio <= 3, cost


def test_the_error_falls_at_least_fourteenfold_with_each_doubling_of_the_grid() -> None:
    errors = spline_law.measure()
    falls = [errors[coarse] / errors[fine] for coarse, fine in pairwise(spline_law.GRIDS)]
    assert min(falls) >= 14, errors


def test_time_grows_as_the_rows_do_and_memory_stays_flat() -> None:
    """Within 30 %; the Jacobian of 100,000 rows alone, held whole, would be 730 MiB."""
    usages = chunk_scaling.measure()
    first = usages[0]
    for usage in usages[1:]:
        times = usage.rows / first.rows
        assert 0.7 * times <= usage.step / first.step <= 1.3 * times, usages
        assert usage.beyond - first.beyond < 20, usages
