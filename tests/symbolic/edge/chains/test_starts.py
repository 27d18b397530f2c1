"""Starts: every function has some that are curved and defined on the data, and waves are looked for by frequency."""

from __future__ import annotations

import numpy as np
import pytest
from edges import Array, edge_of, rows

from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.chains.starts import frequencies, starts, step_starts, tied_starts
from kancli.symbolic.library.functions import ALL, Function, named_function

FUNCTIONS = [ALL[name] for name in sorted(ALL)]
USERS = named_function("own", {"own": "1/tanh(u) - 1/u"})
OMEGA = np.array([1.0, 7.0])
T = np.linspace(-1, 1, 101)


def curve(low: float, high: float, y: Array | None = None) -> Curve:
    x = rows(low, high)
    return edge_of(x, np.sin(x) if y is None else y).curve


def values(function: Function, theta: Array, t: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.stack([function.value(a * t + b, p) for a, b, p in theta])


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("function", [*FUNCTIONS, USERS], ids=lambda f: f.name)
def test_every_function_has_a_start_that_is_defined_and_no_constant(function: Function, coarse: bool) -> None:
    if function.at_zero == "jump":
        return  # has starts of its own
    theta = starts(function, OMEGA, coarse=coarse)
    assert theta.shape == (len(theta), 3)
    assert (theta[:, 0] != 0).all()
    column = values(function, theta, T)
    good = np.isfinite(column).all(axis=1) & (np.ptp(column, axis=1) > 0)
    assert good.any()
    # A bounded or one-sided function starts within its domain, not outside.
    if function.is_bounded:
        assert all(function.inside(a * T + b).all() for a, b, _ in theta)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_coarse_starts_are_no_more_than_the_others(function: Function) -> None:
    assert len(starts(function, OMEGA, coarse=True)) <= len(starts(function, OMEGA))


@pytest.mark.parametrize("function", [*FUNCTIONS, USERS], ids=lambda f: f.name)
@pytest.mark.parametrize(("low", "high"), [(-1, 2), (0.5, 3), (-3, -1)])
def test_tied_starts_have_no_offset_and_those_of_one_side_look_to_the_data(
    function: Function, low: float, high: float
) -> None:
    one = curve(low, high)
    theta = tied_starts(function, one, OMEGA)
    assert (theta[:, 1] == 0).all()
    if function.shift == "fixed":
        assert len(theta) == 0
    elif function.scale == "sign":
        assert len(theta) == 0 if low < 0 < high else (theta[:, 0] == (1 if low > 0 else -1)).all()
    elif function.is_bounded:
        assert all(function.inside(a * (one.t - one.origin)).all() for a, *_ in theta)


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_waves_start_at_the_frequencies_that_are_given(name: str) -> None:
    assert set(starts(ALL[name], OMEGA)[:, 0]) == set(OMEGA)
    assert set(tied_starts(ALL[name], curve(-1, 2), OMEGA)[:, 0]) == set(OMEGA)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("low", "high"), [(1.0, 80.0), (120.0, 350.0)])
def test_the_frequency_of_a_random_wave_is_among_those_worth_trying(
    low: float, high: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    t = np.sort(np.concatenate([[-1, 1], rng.uniform(-1, 1, 998)]))
    omega = rng.uniform(low, high)
    y = np.sin(omega * t + rng.uniform(0, 6)) + 0.2 * rng.normal(size=1000)
    one = edge_of(t, y).curve
    # Within half a turn over the data it is for the solver to find.
    assert np.min(np.abs(frequencies(one, one) - omega)) < np.pi / 2


def test_the_step_lies_between_the_two_rows_that_it_explains_best() -> None:
    x = rows(-1, 2)
    one = edge_of(x, np.where(x > 0.7, 3.0, 1.0)).curve
    ((a, b, _),) = step_starts(one, tied=False)
    inside = (a * one.t + b > 0) == (x > 0.7)
    assert inside.all()
    assert len(step_starts(one, tied=True)) == 0
    at_zero = edge_of(x, np.where(x > 0, 3.0, 1.0)).curve
    assert step_starts(at_zero, tied=True).tolist() == [[1.0, 0.0, 1.0]]
