"""Functions of one input with constants inside."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.lowrank.atoms import allowed, atoms_of, kinds
from kancli.symbolic.expression import evaluate

ALL = allowed(FitOptions())
X = np.random.default_rng(0).uniform(0.5, 3.0, 40)


@pytest.mark.parametrize("x", [X, X - 2.0], ids=["positive", "both signs"])
def test_the_formula_of_an_atom_has_its_values(x: np.ndarray) -> None:
    seen = set()
    for atoms in atoms_of(x, ALL):
        seen.add(atoms.kind)
        expected = atoms.kind.values(x, atoms.theta)
        for theta, values in zip(atoms.theta, expected.T, strict=True):
            formula = atoms.kind.expression(0, tuple(theta), bool(x.min() < 0))
            assert np.allclose(evaluate(formula, x[:, None]), values, rtol=1e-9, atol=1e-12)
    assert len(seen) > len(kinds(ALL)) / 2


def test_only_functions_that_may_be_used_are_tried() -> None:
    without = allowed(FitOptions(exclude=("sin", "cos", "power")))
    assert {kind.outer for kind in kinds(without)} & {"sin", "cos", ""} == set()
    assert {"sin", "cos", ""} <= {kind.outer for kind in kinds(ALL)}


def test_a_step_in_its_own_units_scales_with_the_input() -> None:
    for atoms in atoms_of(X, ALL):
        if atoms.kind.how != "shifted":
            continue
        step = np.full_like(atoms.theta, 0.1)
        moved, scaled = atoms.theta, atoms.theta * [1e-3, 1e3]
        assert np.allclose(atoms.kind.moved(scaled, step), atoms.kind.moved(moved, step) * [1e-3, 1e3])
