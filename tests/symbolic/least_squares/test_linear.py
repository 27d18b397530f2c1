"""Linear least squares that never reaches LAPACK with values that are not finite."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kancli.symbolic.least_squares.linear import lstsq

RNG = np.random.default_rng(0)


def test_known_coefficients_come_back() -> None:
    columns = RNG.normal(size=(20, 3))
    assert lstsq(columns, columns @ [1.0, -2.0, 0.5]) == pytest.approx([1.0, -2.0, 0.5], rel=1e-12)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["column", "target"])
def test_what_is_not_finite_has_no_solution_and_no_line_of_lapack_on_standard_output(
    bad: float, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    columns, target = RNG.normal(size=(8, 3)), RNG.normal(size=8)
    (columns[:, 1] if place == "column" else target)[2] = bad
    assert np.isnan(lstsq(columns, target, rcond=1e-12)).all()
    assert capfd.readouterr().out == ""
