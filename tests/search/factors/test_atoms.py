"""The dictionary of a regression of log|y|, made from the library."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import (
    STAGES,
    Argument,
    Atom,
    Base,
    Stage,
    argument_values,
    dictionary,
    monomials,
)
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.printer import render

X = np.random.default_rng(0).uniform(1, 3, (50, 3))


def texts(stage: Stage = "plain", options: FitOptions | None = None, x: np.ndarray = X) -> set[str]:
    own = dictionary(x, options or FitOptions(), stage)
    atoms = [own.atom(k) for k in range(own.columns.shape[1])]
    return {f"{a.kind} {render(a.expression, ('a', 'b', 'c'))}" for a in atoms}


@pytest.mark.parametrize("stage", STAGES)
def test_each_column_is_its_atom_up_to_its_size(stage: Stage) -> None:
    own = dictionary(X, FitOptions(), stage)
    for k in range(0, own.columns.shape[1], 97):
        column = own.atom(k).column(X)
        assert own.columns[:, k] == pytest.approx(column / np.abs(column).max(), rel=1e-9, abs=1e-12)


def test_it_has_sums_and_differences_of_products_and_functions_of_them() -> None:
    found = texts()
    for one in (
        "factor a - b",
        "factor a**2 + b**2",
        "factor 1 - a*b/c",
        "factor sin(a/2)",
        "factor 1 - cos(a*b)",
        "exponent a*b/c",
        "exponent (a - b)**2/c**2",
    ):
        assert one in found


def test_functions_that_are_not_wanted_are_not_in_it() -> None:
    assert not any("sin(" in text for text in texts(options=FitOptions(exclude=("sin", "arcsin"))))
    assert not any(
        name in text for text in texts(options=FitOptions(lib=("exp",))) for name in ("cos", "tan")
    )


def test_mixed_arguments_have_a_function_among_their_factors() -> None:
    assert "factor cos(a)*b/c + 1" in texts("mixed")
    assert not any("cos(a)*b" in text for text in texts("plain"))


def test_a_function_without_a_value_on_some_row_is_left_out() -> None:
    below = X - 2.0
    assert "factor log(a)" in texts()
    assert "factor log(a)" not in texts(x=below)


def test_products_of_powers_are_all_there_up_to_the_budget() -> None:
    bases = [Base(i) for i in range(6)]
    whole = {a.powers for a in monomials(bases, 100_000)}
    five = tuple((Base(i), p) for i, p in zip((0, 1, 2, 4, 5), (-1, 1, 1, -1, 1), strict=True))
    assert five in {a.powers for a in monomials(bases)}
    assert {tuple((b, -p) for b, p in powers) for powers in whole} == whole
    assert len(monomials(bases, 100)) == 100


def test_values_of_arguments_are_those_of_their_expressions_also_at_zero_and_below() -> None:
    x = np.array([[-2.0, 0.5, 3.0], [0.0, -1.0, 2.0], [1.5, 2.0, -1.0]])
    several = [
        Argument(((Base(0), 1), (Base(1), -1))),
        Argument(((Base(0, 1, -1), 2), (Base(2), -2))),
        Argument(((Base(2, function="sin"), 1), (Base(1), 1))),
    ]
    values = argument_values(several, x)
    for k, argument in enumerate(several):
        assert values[:, k] == pytest.approx(evaluate(argument.expression, x), rel=1e-12, abs=1e-300)


def test_an_argument_without_a_value_on_some_row_has_none_at_all() -> None:
    x = np.array([[-2.0], [3.0]])
    values = argument_values([Argument(((Base(0, function="log"), 1),)), Argument(((Base(0), 1),))], x)
    assert np.isnan(values[:, 0]).all()
    assert values[:, 1] == pytest.approx([-2.0, 3.0], rel=1e-15)


def test_an_atom_counts_the_nodes_that_it_adds() -> None:
    plain = Atom("factor", Argument(((Base(0), 1),)), "sin")
    assert plain.nodes == 3
    assert Atom("factor", Argument(((Base(0), 1),)), "sin", scale=Fraction(2)).nodes > plain.nodes
