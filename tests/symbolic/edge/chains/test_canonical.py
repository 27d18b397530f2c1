"""One canonical writing: the values stay, whatever the constants were, and redundant ones are gone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from expressions import property_test
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kancli.symbolic.edge.chains.canonical import (
    LARGEST_EXPONENT,
    activation_of,
    canonical_step,
    canonical_term,
)
from kancli.symbolic.edge.chains.problems import problems, values
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import ALL, Function

NAMES = frozenset(ALL)
U = np.linspace(-1, 1, 41)
functions = st.sampled_from([ALL[name] for name in sorted(ALL)])
scales = st.one_of(st.floats(0.1, 8), st.floats(-8, -0.1))
offsets = st.one_of(st.just(0.0), st.floats(-9, 9))
often = settings(property_test, max_examples=300)
exponents = st.sampled_from([-1.5, 0.4, 2.5])


def value(function: Function, a: float, b: float, p: float, u: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(function.value(a * u + b, p))


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Where both have a value; a pole, a jump or a border may lie a rounding apart."""
    fine = np.isfinite(one) & np.isfinite(other) & (np.abs(other) < 1e6)
    return (
        bool(np.mean(np.isclose(one[fine], other[fine], rtol=1e-7, atol=1e-7)) > 0.97) if fine.any() else True
    )


@property_test
@given(functions, scales, offsets, exponents)
def test_a_step_in_canonical_writing_has_the_same_values(
    function: Function, a: float, b: float, p: float
) -> None:
    step, gain, offset = canonical_step(function, a, b, p, NAMES)
    expected = value(function, a, b, p, U)
    with np.errstate(all="ignore"):
        assert close(gain * step.value(U) + offset, expected)
        defined = np.isfinite(expected)
        assert np.mean(np.isfinite(step.value(U)) == defined) > 0.95


@often
@given(functions, scales, offsets, exponents)
def test_no_redundant_number_is_left_in_a_step(function: Function, a: float, b: float, p: float) -> None:
    step, _, _ = canonical_step(function, a, b, p, NAMES)
    if function.scale == "fixed":
        assert step.a == 1.0
    if function.scale == "sign":
        assert abs(step.a) == 1.0
    # Where a step lies is no number for the solver, but one to be written.
    if function.shift == "fixed" and function.at_zero != "jump" and abs(b) <= LARGEST_EXPONENT:
        assert step.b == 0.0
    if function.parity and function.scale == "free":
        assert step.a > 0
    if function.wave is not None:
        assert abs(step.b) <= math.pi / 4 + 1e-12
    again, gain, offset = canonical_step(step.of, step.a, step.b, p, NAMES)
    assert (again, gain, offset) == (step, 1.0, 0.0)


@property_test
@given(st.floats(-20, 20), scales)
def test_a_wave_keeps_its_name_where_the_other_may_not_be_written(b: float, a: float) -> None:
    for name in ("sin", "cos"):
        step, gain, offset = canonical_step(ALL[name], a, b, 1.0, frozenset({"x", name}))
        assert step.function == name
        assert abs(step.b) <= math.pi / 2 + 1e-12
        assert close(gain * step.value(U) + offset, value(ALL[name], a, b, 1.0, U))


def test_an_exponential_that_would_overflow_keeps_its_offset() -> None:
    step, gain, _ = canonical_step(ALL["exp"], 1.0, 2 * LARGEST_EXPONENT, 1.0, NAMES)
    assert (step.b, gain) == (2 * LARGEST_EXPONENT, 1.0)


@property_test
@given(
    functions, functions, st.lists(scales, min_size=3, max_size=3), st.lists(offsets, min_size=3, max_size=3)
)
def test_a_chain_of_two_with_its_constant_has_the_same_values(
    inner: Function, outer: Function, a: list[float], b: list[float]
) -> None:
    expected = a[2] * value(outer, a[1], b[1], 1.5, value(inner, a[0], b[0], 1.5, U)) + b[2]
    assume(np.isfinite(expected).mean() > 0.3 and np.nanmax(np.abs(expected[np.isfinite(expected)])) < 1e4)
    constant = [b[2]]
    try:
        term = canonical_term(a[2], [(inner, a[0], b[0], 1.5), (outer, a[1], b[1], 1.5)], NAMES, constant)
    except (OverflowError, ZeroDivisionError, ValueError):
        return  # as callers expect
    found = Activation((term,), constant[0])
    inside = found.inside(U) & np.isfinite(expected)
    assert close(found.evaluate(U)[inside], expected[inside])


@pytest.mark.parametrize(("c", "d", "name"), [(2.0, -2.0 * math.pi / 2, "arccos"), (2.0, 0.3, "arcsin")])
def test_of_the_two_inverse_waves_that_with_the_smaller_constant_is_written(
    c: float, d: float, name: str
) -> None:
    u = np.linspace(-0.9, 0.9, 11)
    constant = [d]
    term = canonical_term(c, [(ALL["arcsin"], 1.0, 0.0, 1.0)], NAMES, constant)
    assert term.steps[0].function == name
    assert np.allclose(Activation((term,), constant[0]).evaluate(u), c * np.arcsin(u) + d)


def test_a_solved_problem_in_raw_units_has_the_values_of_the_chain() -> None:
    known = (ALL["sin"], ALL["exp"])
    batch = problems(known, [[0, 1]], np.array([[3.0, 0.7, 1.0, -1.2, 0.4, 1.0]]), np.ones((1, 6)), 0.25)
    t = np.linspace(-1, 1, 21)
    middle, half = 5.0, 2.0
    x = middle + half * t
    found = activation_of(batch, 0, zero=middle + half * 0.25, half=half, c=1.5, d=-0.5, names=NAMES)
    assert np.allclose(found.evaluate(x), 1.5 * values(batch, t)[0] - 0.5, rtol=1e-12)
