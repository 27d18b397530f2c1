"""Scales inside functions, fitted for many atoms at once."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.search.factors.atoms import Argument, Atom, Base
from kancli.search.factors.scales import fit_scales

X = np.random.default_rng(0).uniform(1, 3, (80, 2))
BASE = np.column_stack([np.ones(80), np.log(X)])
A, QUOTIENT = Argument(((Base(0), 1),)), Argument(((Base(0), 1), (Base(1), -1)))


@pytest.mark.parametrize(
    ("atom", "scale", "inside"),
    [
        (Atom("factor", A, beside=1, scale=1.0), 0.37, lambda a, b: 1 + 0.37 * a),
        (Atom("factor", QUOTIENT, beside=1, scale=-0.2), -0.31, lambda a, b: 1 - 0.31 * a / b),
        (Atom("factor", A, "cos", scale=0.4), 0.51, lambda a, b: np.cos(0.51 * a)),
        (Atom("factor", QUOTIENT, "exp", -1, 0.5), 0.8, lambda a, b: 1 - np.exp(0.8 * a / b)),
    ],
)
def test_a_scale_comes_back(atom: Atom, scale: float, inside) -> None:  # type: ignore[no-untyped-def]
    target = BASE @ [0.3, -1.0, 2.0] - 1.5 * np.log(np.abs(inside(*X.T)))
    wrong = Atom("factor", A, "tanh", scale=0.5)
    found = fit_scales([wrong, atom], X, BASE, target)
    assert found.scales[1] == pytest.approx(scale, rel=1e-4)
    assert found.sse[1] < 1e-6 * found.sse[0]


def test_an_atom_without_a_scale_to_be_fitted_stays_as_it_is() -> None:
    atom = Atom("exponent", QUOTIENT)
    found = fit_scales([atom], X, BASE, BASE @ [1.0, 0.0, 0.0] + 0.7 * X[:, 0] / X[:, 1])
    assert found.scales.tolist() == [1.0]
    assert found.sse[0] < 1e-20
