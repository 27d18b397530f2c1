"""One edge: every function recognised, at any scale, and no imitation in its place."""

from __future__ import annotations

import time

import edge_identifiability as table
import numpy as np
import pytest
from numpy.typing import NDArray

from kancli.errors import FitError
from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.edge.ranking import Candidate, rank
from kancli.symbolic.library.activation import Step
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
FUNCTIONS = library()


def rows(low: float, high: float, count: int = 600, seed: int = 0) -> Array:
    return np.sort(np.random.default_rng(seed).uniform(low, high, count))


def only(candidates: tuple[Candidate, ...]) -> Step:
    (term,) = candidates[0].activation.terms
    (step,) = term.steps
    return step


@pytest.mark.parametrize("amplitude", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("name", table.DOMAINS)
def test_every_function_comes_back_from_exact_data(name: str, amplitude: float) -> None:
    rng = np.random.default_rng(5)
    x, y, truth = table.draw(name, rng, amplitude=amplitude)
    best = fit_edge(x, y, None, FUNCTIONS)[0]
    assert table.kind(best.name) == table.kind(name)
    assert best.residual < 1e-24
    # The same numbers, not only the same curve: it holds beyond the data, where the truth is defined.
    beyond = np.concatenate([x, np.linspace(x[0] - 0.2, x[-1] + 0.2, 50)])
    beyond = beyond[truth.inside(beyond)]
    np.testing.assert_allclose(
        best.activation.evaluate(beyond), truth.evaluate(beyond), rtol=1e-7, atol=1e-7 * amplitude
    )


@pytest.mark.parametrize("error", [1e-6, 1e-3])
@pytest.mark.parametrize("name", table.DOMAINS)
def test_every_function_comes_first_under_errors(name: str, error: float) -> None:
    rng = np.random.default_rng(6)
    x, y, _ = table.draw(name, rng)
    noisy, floor = table.with_error(x, y, error, rng)
    assert table.kind(fit_edge(x, noisy, None, FUNCTIONS, floor=floor)[0].name) == table.kind(name)


@pytest.mark.parametrize(
    "name", ["x^2", "x^3", "exp", "sin", "tanh", "cosh", "gaussian", "arctan", "log", "sqrt"]
)
def test_every_function_is_read_off_a_spline(name: str) -> None:
    rng = np.random.default_rng(7)
    x, y, _ = table.draw(name, rng)
    y, floor = table.with_error(x, y, "spline", rng)
    assert table.kind(fit_edge(x, y, None, FUNCTIONS, floor=floor)[0].name) == table.kind(name)


def test_without_a_floor_noise_does_not_buy_parameters() -> None:
    x = rows(-1, 2)
    y = 3 * x**2 - 1 + 0.02 * np.random.default_rng(1).normal(size=len(x))
    assert fit_edge(x, y, None, FUNCTIONS)[0].name == "x^2"


def test_the_numbers_of_a_sine_come_back() -> None:
    x = rows(-2, 2)
    best = fit_edge(x, 3 * np.sin(2 * x + 0.4) + 1, None, FUNCTIONS)[0].activation
    assert best.terms[0].steps[0] == Step("sin", pytest.approx(2, abs=1e-10), pytest.approx(0.4, abs=1e-10))
    assert best.terms[0].c == pytest.approx(3, abs=1e-10)
    assert best.d == pytest.approx(1, abs=1e-10)


def test_a_square_is_written_with_a_of_one() -> None:
    x = rows(-1, 2)
    candidates = fit_edge(x, 0.03 * (-5.6 * x) ** 2, None, FUNCTIONS)
    assert only(candidates) == Step("x^2", 1.0, 0.0)
    assert candidates[0].activation.terms[0].c == pytest.approx(0.03 * 5.6**2, rel=1e-12)


def test_a_shifted_square_keeps_its_offset() -> None:
    x = rows(-1, 2)
    assert only(fit_edge(x, 3 * (x - 0.7) ** 2, None, FUNCTIONS)).b == pytest.approx(-0.7, rel=1e-12)


def test_a_line_is_x_with_its_slope_in_c() -> None:
    x = rows(3, 5)
    candidates = fit_edge(x, 2 * x - 7, None, FUNCTIONS)
    assert only(candidates) == Step("x", 1.0, 0.0)
    assert candidates[0].activation.terms[0].c == pytest.approx(2, rel=1e-12)


def test_sine_or_cosine_whichever_has_the_simpler_phase() -> None:
    x = rows(-2, 3)
    assert only(fit_edge(x, np.cos(3 * x), None, FUNCTIONS)) == Step("cos", pytest.approx(3), 0.0)
    assert only(fit_edge(x, np.sin(-3 * x), None, FUNCTIONS)) == Step("sin", pytest.approx(3), 0.0)
    only_cosine = fit_edge(x, np.sin(3 * x + 0.2), None, library(["cos"]))
    assert only_cosine[0].name == "cos"
    assert only_cosine[0].residual < 1e-24


@pytest.mark.parametrize("frequency", [0.5, 2.0, 15.0, 94.0, 400.0])
def test_frequencies_up_to_what_the_rows_resolve(frequency: float) -> None:
    x = rows(-1, 1, 1000)
    step = only(fit_edge(x, np.sin(frequency * x + 0.3), None, FUNCTIONS))
    assert step.function in ("sin", "cos")
    assert step.a == pytest.approx(frequency, rel=1e-9)


@pytest.mark.parametrize("exponent", [1.5, -0.75, 2 / 3, -4 / 3])
def test_a_broken_power_is_snapped_to_its_fraction(exponent: float) -> None:
    x = rows(0.1, 3)
    step = only(fit_edge(x, x**exponent, None, FUNCTIONS))
    assert (step.function, step.exponent) == ("power", exponent)


def test_a_power_that_is_no_fraction_keeps_its_exponent() -> None:
    x = rows(0.1, 3)
    assert only(fit_edge(x, x**0.377, None, FUNCTIONS)).exponent == pytest.approx(0.377, rel=1e-10)


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("height", [1e-20, 1.0, 1e20])
def test_the_units_of_x_and_y_do_not_matter(scale: float, height: float) -> None:
    x = rows(0.5, 2)
    for name, y in {"1/x": 1 / x, "log": np.log(x), "sin": np.sin(7 * x + 0.5), "exp": np.exp(-x)}.items():
        best = fit_edge(scale * x, height * y, None, FUNCTIONS)[0]
        assert best.name in (name, "cos")
        assert best.residual < 1e-24


@pytest.mark.parametrize("scale", [3.0, 30.0])
def test_a_wide_hyperbolic_cosine_is_found(scale: float) -> None:
    x = rows(-1, 1)
    step = only(fit_edge(x, np.cosh(scale * x), None, FUNCTIONS))
    assert (step.function, step.b) == ("cosh", 0.0)


@pytest.mark.parametrize(
    ("name", "low", "curve"),
    [
        ("log", 1e-6, lambda x: np.log(x)),
        ("sqrt", 0.0, lambda x: np.sqrt(x)),
        ("1/x", 1e-3, lambda x: 1 / x),
        ("1/sqrt", 1e-4, lambda x: 1 / np.sqrt(x)),
    ],
)
def test_a_pole_or_branch_point_at_the_very_edge(name: str, low: float, curve: object) -> None:
    x = np.concatenate([[low], rows(low, 2)])
    candidates = fit_edge(x, curve(x), None, FUNCTIONS)  # type: ignore[operator]
    assert only(candidates) == Step(name, 1.0, 0.0)


def test_through_the_origin_wherever_that_lies() -> None:
    x = rows(0.5, 2)
    moved = fit_edge(x - 40.0, 1 / x, None, FUNCTIONS, origin=-40.0)
    assert moved[0].name == "1/x"
    assert moved[0].activation.terms[0].steps[0].b == pytest.approx(40.0, rel=1e-12)


def test_the_fit_follows_the_weight() -> None:
    x = rows(-1, 1)
    weight = 10.0 ** (-6 - 6 * np.sign(x - 0.3))
    # Where nothing depends on the edge, its spline is arbitrary.
    y = np.where(x < 0.3, np.exp(1.5 * x), 7.0 + np.sin(40 * x))
    best = fit_edge(x, y, weight, FUNCTIONS, floor=1e-9)[0]
    assert best.name == "exp"
    assert only((best,)).a == pytest.approx(1.5, rel=1e-4)


def test_weights_over_decades_keep_the_function() -> None:
    x = rows(-1, 3)
    assert fit_edge(x, np.tanh(x - 0.5), np.exp(-12 * x), FUNCTIONS)[0].name == "tanh"


def test_a_constant_is_a_constant() -> None:
    x = rows(0, 1)
    (candidate,) = fit_edge(x, np.full_like(x, 0.1), None, FUNCTIONS)
    assert (candidate.activation.terms, candidate.activation.d) == ((), pytest.approx(0.1))


def test_twenty_rows_suffice() -> None:
    x = rows(0.2, 2, 20)
    assert fit_edge(x, np.exp(-2 * x), None, FUNCTIONS)[0].name == "exp"


def test_repeated_and_unsorted_rows_are_no_trouble() -> None:
    x = np.random.default_rng(3).choice([0.5, 0.8, 1.0, 1.3, 1.7, 2.2], 300)
    assert fit_edge(x, np.log(x), None, FUNCTIONS)[0].name == "log"


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("x + sin", lambda x: x + np.sin(3 * x)),
        ("x^2 + exp", lambda x: x**2 + 0.3 * np.exp(2 * x)),
        ("x + x^2 + x^3", lambda x: x**3 + x**2 + x),
        ("x + x^3", lambda x: x**3 - 3 * x),
    ],
)
def test_a_sum_is_found_as_a_sum(name: str, curve: object) -> None:
    x = rows(-2, 2)
    best = fit_edge(x, curve(x), None, FUNCTIONS)[0]  # type: ignore[operator]
    assert best.name == name
    assert best.residual < 1e-24


def test_a_users_function_is_found() -> None:
    functions = library(user={"langevin": "1/tanh(u) - 1/u"})
    x = rows(0.1, 5)
    step = only(fit_edge(x, 2 / np.tanh(1.5 * x) - 2 / (1.5 * x), None, functions))
    assert (step.function, step.a) == ("langevin", pytest.approx(1.5, rel=1e-8))


def test_the_residual_is_one_minus_r_squared_with_nothing_added() -> None:
    x = rows(-1, 1)
    y = 1e-9 * np.sin(3 * x)
    for candidate in fit_edge(x, y, None, FUNCTIONS, compositions=False, sums=False):
        error = candidate.activation.evaluate(x) - y
        expected = np.sum(error**2) / np.sum((y - y.mean()) ** 2)
        assert candidate.residual == pytest.approx(expected, rel=1e-6, abs=1e-27)


def test_of_equals_the_simplest_wins_and_imitations_leave() -> None:
    x = rows(-1, 1)
    candidates = fit_edge(x, 3 * x**2, None, FUNCTIONS)
    assert candidates[0].name == "x^2"
    assert not any(
        candidate.residual < 1e-12 and candidate.name in ("sin", "cos", "cosh") for candidate in candidates
    )


def test_far_undercutting_the_floor_counts_as_evidence() -> None:
    parabola = fit_edge(rows(-1, 1), rows(-1, 1) ** 2, None, FUNCTIONS)[0]
    simple = Candidate(parabola.activation, 1e-7, 2)
    exact = Candidate(fit_edge(rows(-1, 1), np.cos(rows(-1, 1)), None, FUNCTIONS)[0].activation, 1e-14, 5)
    assert rank([simple, exact], floor=1e-7, rounding=0.0, rows=500)[0] is exact
    close = Candidate(exact.activation, 0.5e-7, 5)
    assert rank([simple, close], floor=1e-7, rounding=0.0, rows=500)[0] is simple


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    x = rows(0, 1)
    with pytest.raises(FitError, match="not finite"):
        fit_edge(x, np.where(x > 0.5, bad, x), None, FUNCTIONS)


def test_a_single_x_is_refused() -> None:
    with pytest.raises(FitError, match="two different x"):
        fit_edge(np.ones(5), np.arange(5.0), None, FUNCTIONS)


def test_the_same_input_gives_the_same_bits() -> None:
    x = rows(0.2, 3)
    y = 1 / np.expm1(x)
    assert fit_edge(x, y, None, FUNCTIONS) == fit_edge(x, y, None, FUNCTIONS)


@pytest.mark.slow
def test_the_whole_library_takes_less_than_50_ms() -> None:
    x = rows(0.2, 3, 1000)
    y = np.exp(np.sin(2 * x))
    best = np.inf
    for _ in range(7):
        start = time.process_time()
        fit_edge(x, y, None, FUNCTIONS, compositions=False, sums=False)
        best = min(best, time.process_time() - start)
    assert best < 0.05
