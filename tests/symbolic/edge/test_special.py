"""Special functions on an edge: each is found by its curve, and only where nothing plain explains it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from edges import Array, rows
from scipy import special

from kancli.symbolic.edge.fit import Candidate, fit_data, fit_special
from kancli.symbolic.library.functions import library, special_functions

PLAIN = library()
SPECIAL = special_functions(PLAIN)
# Name, curve, range of x, and the parameters of the activation: c, a, b where it is not 0, d.
CURVES: dict[str, tuple[Callable[[Array], Array], tuple[float, float], list[float]]] = {
    "besselj0": (lambda x: 2 * special.j0(1.5 * x), (0, 15), [2, 1.5, 0]),
    "besselj1": (lambda x: special.j1(20 * x + 3) - 1, (-1, 1), [1, 20, 3, -1]),
    "bessely0": (lambda x: special.y0(2.3 * x), (0.1, 8), [1, 2.3, 0]),
    "bessely1": (lambda x: 3 * special.y1(1.1 * x), (0.5, 9), [3, 1.1, 0]),
    "besseli0": (lambda x: special.i0(3 * x), (-1, 1), [1, 3, 0]),
    "besseli1": (lambda x: special.i1(1.7 * x), (0, 3), [1, 1.7, 0]),
    "besselk0": (lambda x: 2 * special.k0(0.7 * x), (0.1, 6), [2, 0.7, 0]),
    "besselk1": (lambda x: special.k1(1.4 * x + 0.2), (0.1, 6), [1, 1.4, 0.2, 0]),
    "sinc": (lambda x: 4 * np.sinc(9 * x / np.pi), (-1, 1), [4, 9, 0]),
    "airyai": (lambda x: special.airy(1.2 * x - 1)[0], (-5, 5), [1, 1.2, -1, 0]),
    "gamma": (lambda x: special.gamma(0.5 * x + 0.2), (0.1, 8), [1, 0.5, 0.2, 0]),
    "loggamma": (lambda x: special.gammaln(x + 0.5), (0.1, 8), [1, 1, 0.5, 0]),
    "digamma": (lambda x: special.digamma(1.3 * x), (0.1, 8), [1, 1.3, 0]),
    "elliptic_k": (lambda x: special.ellipk(x), (0.05, 0.97), [1, 1, 0]),
    "elliptic_e": (lambda x: 2 * special.ellipe(x), (-0.9, 0.9), [2, 1, 0]),
    "LambertW": (lambda x: special.lambertw(2 * x).real, (0.1, 8), [1, 2, 0]),
}


def best(found: tuple[Candidate, ...]) -> tuple[str, Array]:
    return found[0].name, found[0].activation.parameters()


@pytest.mark.parametrize("name", CURVES)
def test_each_special_function_is_found_with_its_numbers(name: str) -> None:
    curve, ends, parameters = CURVES[name]
    x = rows(*ends)
    found, numbers = best(fit_special(x, curve(x), None, SPECIAL, 0.0))
    assert found == name
    np.testing.assert_allclose(numbers, parameters, rtol=1e-9, atol=1e-9)


def test_each_of_those_that_are_tried_is_one_of_these() -> None:
    assert {function.name for function in SPECIAL} == set(CURVES)


def test_the_factorial_is_found_in_a_few_rows() -> None:
    n = np.arange(16.0)
    name, numbers = best(fit_data(n, special.gamma(n + 1), None, PLAIN, special=SPECIAL))
    assert name == "gamma"
    np.testing.assert_allclose(numbers[:3], [1, 1, 1], rtol=1e-9)


def test_what_comes_near_only_is_none() -> None:
    x = rows(0, 15)
    y = special.j0(x) + 0.01 * np.sin(3 * x)
    assert fit_special(x, y, None, SPECIAL, 1e-9) == ()


def test_noise_is_all_that_one_may_leave() -> None:
    x = np.linspace(0, 15, 400)
    y = 2 * special.j0(1.5 * x) + np.random.default_rng(0).normal(0, 0.02, len(x))
    noise = 0.02**2 / float(y.var())
    assert best(fit_special(x, y, None, SPECIAL, noise))[0] == "besselj0"
    assert fit_special(x, y, None, SPECIAL, 0.3 * noise) == ()


def test_a_plain_law_stays_what_it_is() -> None:
    x = rows(0.2, 3)
    for y in (np.sin(3 * x), x * np.exp(-x), np.sqrt(1 + x * x)):
        plain = fit_data(x, y, None, PLAIN)
        assert fit_data(x, y, None, PLAIN, special=SPECIAL) == plain
