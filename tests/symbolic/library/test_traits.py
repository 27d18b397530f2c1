"""The traits of the library's functions are what the functions do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.library.functions import ALL, NAMED_POWERS, TINY, Function, library

every_function = pytest.mark.parametrize("function", ALL.values(), ids=lambda function: function.name)
ENDS = np.array([-1e9, -1e8, 1e8, 1e9])


def value(function: Function, u: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return function.value(u, 1.7)


@every_function
def test_at_zero_there_is_what_is_declared(function: Function) -> None:
    near = np.array([-1e-9, 1e-9])
    left, right = value(function, near)
    assert (function.at_zero == "branch") == bool(np.isnan(left)) == (function.low in (0.0, TINY))
    assert (function.at_zero == "pole") == bool(abs(left) > 1e8)
    assert (function.at_zero == "jump") == bool(abs(right - left) > 0.1 and abs(left) < 1e8)
    rise = value(function, near) - value(function, 0 * near)
    kink = bool(rise[0] == rise[1] and 1e-10 < rise[0] < 1.0)
    assert (function.at_zero == "kink") == kink


@every_function
def test_scale_and_shift_are_redundant_where_they_are_declared_so(function: Function) -> None:
    """f(2u) or f(u + 0.3) is then a multiple of f(u), or differs from it by a constant."""
    u = np.linspace(0.2 if function.is_one_sided else max(-0.4, 0.49 * function.low), 0.45, 9)
    others = [(value(function, 2 * u), function.scale != "free")]
    # Where a step lies matters, but is searched and not fitted.
    if function.at_zero != "jump":
        others.append((value(function, u + 0.3), function.shift == "fixed"))
    columns = np.stack([value(function, u), np.ones_like(u)], axis=1)
    for other, redundant in others:
        solution = np.linalg.lstsq(columns, other, rcond=None)[0]
        assert bool(np.max(np.abs(columns @ solution - other)) < 1e-10) == redundant


@every_function
def test_a_period_is_one_and_a_wave_a_turned_sine(function: Function) -> None:
    u = np.linspace(-1.2, 1.3, 9)
    if function.period is not None:
        np.testing.assert_allclose(value(function, u + function.period), value(function, u), rtol=1e-12)
    if function.wave is not None:
        np.testing.assert_allclose(value(function, u), np.sin(u + function.wave * math.pi / 2), atol=1e-15)


@every_function
def test_what_saturates_tends_to_two_constants_and_what_grows_does_so_like_exp(function: Function) -> None:
    far_left, left, right, far_right = value(function, ENDS)
    ends = [far_left, left, right, far_right]
    saturates = bool(np.isfinite(ends).all()) and np.allclose([far_left, far_right], [left, right], atol=1e-6)
    saturates = saturates and abs(right - left) > 0.1
    assert function.saturates == (saturates and function.at_zero != "jump")
    with np.errstate(all="ignore"):
        ratios = [
            abs(v[1] / v[0]) for v in (value(function, np.array(p)) for p in ([-20.0, -21.0], [20.0, 21.0]))
        ]
    assert function.grows == bool(np.allclose(ratios, math.e, rtol=1e-9))


@every_function
def test_powers_have_their_degree(function: Function) -> None:
    u = np.array([0.3, 0.9])
    degrees = [p for p in NAMED_POWERS if np.allclose(value(function, u), u**p, rtol=1e-12)]
    if function.at_zero == "kink" or function.has_exponent:
        assert function.degree is None
    else:
        assert degrees == ([] if function.degree is None else [function.degree])


@every_function
def test_the_functions_that_traits_name_exist(function: Function) -> None:
    assert {*function.trivial_over, *function.late_beside} <= set(ALL)
    assert function.twin == "" or ALL[function.twin].twin == ""


@every_function
def test_an_edge_that_is_the_function_is_found_with_its_numbers(function: Function) -> None:
    """c·f(a·x + b) + d over a range in which the function bends."""
    low = -1.4 if function.low == -np.inf else max(0.98 * function.low, -0.9)
    u = np.linspace(max(low, 0.15) if function.is_one_sided else low, min(function.high * 0.9, 1.3), 120)
    a, b, c, d = 1.5, 0.25, -2.0, 1.0
    x = (u - b) / a
    y = c * value(function, u) + d
    best = fit_edge(x, y, None, library([function.name]), compositions=False, sums=False)[0]
    assert best.residual < 1e-20
    assert best.name in (function.name, "x^1.7")
    np.testing.assert_allclose(best.activation.evaluate(x), y, rtol=1e-9, atol=1e-9)
