"""One activation fitted, made plain, and brought to raw units."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.edge.chains.polish import lowered, polish, reduced
from kancli.symbolic.edge.raw_units import in_raw_units
from kancli.symbolic.edge.scaling import Scaled, scaled
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import BUILTIN

NAMES = frozenset(BUILTIN)
X = np.sort(np.random.default_rng(0).uniform(0.3, 4.0, 300))


def edge_of(y: np.ndarray, origin: float = 0.0) -> Scaled:
    return scaled(X, y, None, origin)


def wave(a: float, b: float) -> Activation:
    """(s + 0.4)·sin(a·s + b), with s the scaled x."""
    return Activation((Term(1.0, (Step("x", 1.0, 0.4),), ((Step("sin", a, b),),)),), 0.0)


def test_an_activation_near_the_truth_ends_at_it() -> None:
    edge = edge_of(np.zeros_like(X) + X)
    s = edge.curve.t - edge.curve.origin
    truth = scaled(X, 3 * wave(5.0, 0.3).evaluate(s) + 1, None, 0.0)
    fitted = polish(wave(5.4, 0.0001), truth.curve)
    assert fitted.residual < 1e-24
    assert fitted.activation.terms[0].factors[0][0].a == pytest.approx(5.0, rel=1e-9)


def test_numbers_that_the_curve_does_not_ask_for_are_left_out() -> None:
    edge = edge_of(X**2 * np.exp(-X))
    # (s³ + 2s² + s + 0.5)·exp(a·s): of the polynomial only the square is true.
    factor = Step("x", 1.0, 0.5, higher=(2.0, 1.0))
    start = Activation((Term(1.0, (factor,), ((Step("exp", -1.0, 0.0),),)),), 0.0)
    plain = reduced(polish(start, edge.curve), edge.curve, 0.0, edge.rounding)
    step = plain.activation.terms[0].steps[0]
    assert (step.a, step.b, step.higher) == (0.0, 0.0, (1.0,))
    assert plain.residual < 1e-24


def test_every_lower_degree_keeps_a_leading_coefficient_of_one() -> None:
    found = lowered(Step("log", 3.0, 6.0, higher=(-2.0, 1.0)))
    assert found == [Step("log", 1.0, 2.0), Step("log", 1.5, 3.0, higher=(-1.0,))]


@pytest.mark.parametrize("origin", [0.0, -7.0])
@pytest.mark.parametrize(
    "activation",
    [
        wave(5.0, 0.3),
        Activation((Term(2.0, (Step("log", 0.5, 0.1, higher=(1.0,)),)),), 0.3),
        Activation((Term(2.0, (Step("sin", 0.0, 0.0, higher=(-3.0, 0.2)),)),), 0.3),
        Activation((Term(-1.0, (Step("exp", 0.5, 0.3, higher=(-1.0,)),)),), 0.0),
        Activation((Term(2.0, (Step("x", 1.0, 0.0),), ((Step("log", 3.0, 0.2),),)),), 0.3),
        Activation(
            (Term(2.0, (Step("sin", 2.0, 0.1), Step("x^2", 1.0, 0.0)), ((Step("1/x", 1.0, 0.5),),)),), 0.0
        ),
        Activation((Term(2.0, (Step("1/x", 0.5, 3.0, higher=(1.0,)),), ((Step("x", -2.0, 0.7),),)),), 0.0),
    ],
    ids=lambda value: value.name if isinstance(value, Activation) else str(value),
)
def test_raw_units_change_no_value(activation: Activation, origin: float) -> None:
    edge = edge_of(X**1.5, origin)
    raw = in_raw_units(activation, edge, NAMES)
    assert raw is not None
    s = edge.curve.t - edge.curve.origin
    np.testing.assert_allclose(
        raw.evaluate(X), edge.mean + edge.spread * activation.evaluate(s), rtol=1e-11, atol=1e-11
    )
