"""Waves of growing frequency: the periodogram sees them, and the kind fits its own members."""

from __future__ import annotations

import numpy as np
import pytest
from edges import best, edge_of, is_exact, raw, rows

from kancli.symbolic.edge.kinds.chirps import STARTS, chirps, peaks
from kancli.symbolic.library.functions import library

NAMES = frozenset(function.name for function in library())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("degree", [2, 3])
def test_a_random_chirp_beside_a_cubic_is_fitted(degree: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rows(-1, 1.5, seed)
    # The phases that are tried turn by 60 radians over the data with s², by half of that with s³.
    phase = (
        rng.uniform(3, 20 if degree == 2 else 8) * x**degree + rng.uniform(-12, 12) * x + rng.uniform(0, 6)
    )
    y = np.sin(phase) + np.polynomial.polynomial.polyval(x, rng.uniform(-1, 1, 4))
    edge = edge_of(x, y)
    assert is_exact(best(raw(chirps(edge, NAMES), edge)), x, y)


def test_the_first_peak_has_about_the_phase_of_the_wave() -> None:
    x = rows(-2, 2)
    edge = edge_of(x, np.sin(7 * x**2 + 0.3))
    first = peaks(edge, NAMES)[0]
    assert first.higher[1] == 0.0
    assert first.a == pytest.approx(0, abs=2)
    assert first.higher[0] / edge.half**2 == pytest.approx(7, abs=0.5)
    wave = first.value(edge.curve.t - edge.curve.origin)
    assert abs(np.corrcoef(wave, np.sin(7 * x**2 + 0.3))[0, 1]) > 0.9


def test_without_a_wave_or_a_square_in_the_library_there_are_no_chirps() -> None:
    x = rows(-1, 1)
    edge = edge_of(x, np.sin(9 * x**2))
    assert peaks(edge, frozenset({"x^2"})) == []
    assert peaks(edge, frozenset({"sin"})) == []
    assert chirps(edge, frozenset({"sin"})) == []
    assert len(peaks(edge, frozenset({"x^2", "sin"}))) == STARTS


def test_a_library_with_the_cosine_only_writes_the_same_wave_with_it() -> None:
    x = rows(-1, 1)
    y = np.sin(9 * x**2 + 0.4)
    edge = edge_of(x, y)
    functions = [function for function in library() if function.name != "sin"]
    found = best(raw(chirps(edge, NAMES - {"sin"}), edge, functions))
    assert is_exact(found, x, y)
    assert "sin" not in {step.function for term in found.activation.terms for step in term.steps}
