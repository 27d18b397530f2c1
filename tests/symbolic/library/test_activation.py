"""Activations: derivatives, independent parameters, names."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.library.activation import Activation, Step, Term, is_small_fraction
from kancli.symbolic.library.functions import ALL

# b of one step each, such that x in [0.3, 1.9] stays inside every domain.
SCALES = {"tan": (0.5, 0.1), "exp": (0.7, 0.0), "x": (1.0, 0.0)}
X = np.linspace(0.3, 1.9, 40)


def single(name: str) -> Activation:
    a, b = SCALES.get(name, (1.0 if ALL[name].scale != "free" else 1.3, 0.4))
    if ALL[name].is_bounded:
        a, b = 0.4, 0.1
    if name in ("abs", "sgn", "Heaviside"):
        b = -1.0
    step = Step(name, a, b, 1.7319 if name == "power" else None)
    return Activation((Term(2.5, (step,)),), -0.75)


CHAINS = [
    Activation((Term(1.5, (Step("x^2", 1.0, 0.3), Step("sqrt", 1.0, 0.7))),), 0.2),
    Activation((Term(-1.5, (Step("sin", 1.7, 0.3), Step("exp", -0.7, 0.0))),), 0.2),
    Activation((Term(0.5, (Step("exp", 0.9, 0.0), Step("power", 1.0, 0.2, -1.2345))),), 1.0),
    Activation((Term(2.0, (Step("x", 1.0, 0.0),)), Term(1.5, (Step("sin", 3.0, 0.5),))), 0.0),
    Activation((Term(2.0, (Step("log", -1.0, 2.5), Step("tanh", 0.8, 0.5))),), -3.0),
    Activation((Term(2.0, (Step("x", 1.0, 0.4),), ((Step("sin", 1.7, 0.3),),)),), 0.5),
    Activation(
        (Term(2.0, (Step("exp", -0.7, 0.0),), ((Step("sin", 2.7, 0.0), Step("x^2", 1.0, 0.3)),)),), 0.5
    ),
    Activation((Term(2.0, (Step("log", 0.3, 0.7, higher=(0.0, 1.0)),)),), 0.5),
    Activation((Term(2.0, (Step("sin", 0.3, 0.7, higher=(0.9,)),)),), 0.5),
    Activation(
        (Term(2.0, (Step("x", 0.0, 0.7, higher=(0.9, 1.0)),), ((Step("1/x", 0.5, 1.2, higher=(1.0,)),),)),),
        0.5,
    ),
]


@pytest.mark.parametrize("activation", [*(single(name) for name in ALL), *CHAINS], ids=lambda a: a.name)
def test_derivatives_equal_finite_differences(activation: Activation) -> None:
    value, slope, jacobian = activation.derivatives(X)
    np.testing.assert_array_equal(value, activation.evaluate(X))
    h = 1e-6
    np.testing.assert_allclose(
        slope, (activation.evaluate(X + h) - activation.evaluate(X - h)) / (2 * h), rtol=2e-7, atol=1e-8
    )
    theta = activation.parameters()
    assert jacobian.shape == (len(X), len(theta))
    for k in range(len(theta)):
        step = np.zeros_like(theta)
        step[k] = h
        ahead = activation.with_parameters(theta + step).evaluate(X)
        behind = activation.with_parameters(theta - step).evaluate(X)
        np.testing.assert_allclose(jacobian[:, k], (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "activation",
    [*(single(name) for name in ALL), *CHAINS],
    ids=lambda a: a.name,
)
def test_parameters_are_independent_of_each_other(activation: Activation) -> None:
    jacobian = activation.derivatives(X)[2]
    scaled = jacobian / np.linalg.norm(jacobian, axis=0)
    assert np.linalg.svd(scaled, compute_uv=False)[-1] > 1e-6


def test_parameters_make_the_round_trip() -> None:
    for activation in CHAINS:
        again = activation.with_parameters(activation.parameters())
        assert again == activation


def test_an_offset_of_nought_and_a_small_fraction_are_decided() -> None:
    free = Activation((Term(1.0, (Step("power", 1.0, 0.5, 1.49),)),), 0.0)
    decided = Activation((Term(1.0, (Step("power", 1.0, 0.0, 1.5),)),), 0.0)
    assert len(free.parameters()) == 4
    assert len(decided.parameters()) == 2
    assert decided.complexity == free.complexity - 2


def test_thirds_are_small_fractions_and_sevenths_are_not() -> None:
    assert is_small_fraction(2 / 3)
    assert is_small_fraction(-1.5)
    assert not is_small_fraction(2 / 7)
    assert not is_small_fraction(1.4999999)


def test_names_read_from_outside_in() -> None:
    assert CHAINS[0].name == "sqrt(x^2)"
    assert CHAINS[3].name == "x + sin"
    assert Activation((Term(1.0, (Step("power", 1.0, 0.0, 2 / 3),)),), 0.0).name == "x^(2/3)"
    assert Activation((), 1.0).name == "constant"


def test_names_of_products_and_polynomials() -> None:
    assert [activation.name for activation in CHAINS[5:]] == [
        "x*sin",
        "exp*x^2(sin)",
        "log(x + x^3)",
        "sin(x + x^2)",
        "(x^2 + x^3)*1/x(x + x^2)",
    ]


def test_the_leading_coefficient_of_a_polynomial_is_free_only_where_it_says_something() -> None:
    assert Step("log", 0.3, 0.7, higher=(0.0, 1.0)).free() == ("a", "b")
    assert Step("sin", 0.3, 0.7, higher=(0.9,)).free() == ("a", "b", "2")


def test_outside_its_domain_an_activation_stays_finite_and_says_so() -> None:
    root = Activation((Term(2.0, (Step("sqrt", 1.0, 0.0),)),), 1.0)
    x = np.array([-1e-12, 4.0])
    value, slope, jacobian = root.derivatives(x)
    np.testing.assert_array_equal(value, [1.0, 5.0])
    assert np.isfinite(slope).all()
    assert np.isfinite(jacobian).all()
    np.testing.assert_array_equal(root.inside(x), [False, True])
