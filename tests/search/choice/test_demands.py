"""What is known of a curve, and which formulas obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search.choice.demands import demands_of
from kancli.symbolic.text.parser import parse


def table(*inputs: str) -> Dataset:
    """Inputs between 0.5 and 3, y = 2x."""
    x = 1.75 + 1.25 * np.sin(np.outer(np.arange(50), 1 + np.arange(len(inputs))) + 0.3)
    y = 2 * x[:, 0]
    return Dataset(inputs, "y", x, y, np.zeros(50, dtype=bool), {}, "t.csv", "", ())


def broken(formula: str, *inputs: str, **known: tuple[str, ...]) -> bool:
    data = table(*(inputs or ("x",)))
    return bool(demands_of(FitOptions(**known), data).broken(parse(formula, data.inputs)))


@pytest.mark.parametrize(
    ("formula", "known", "obeys"),
    [
        ("2*x", {"through": ("0,0",)}, True),
        ("2*x + 0.01", {"through": ("0,0",)}, False),
        ("sin(x)/x", {"through": ("0,1",)}, True),
        ("1 + log(x)", {"through": ("0,0",)}, False),
        ("2*x", {"through": ("x=1,y=2",)}, True),
        ("x**2", {"monotone": ("x:+",)}, True),
        ("(x - 1)**2", {"monotone": ("x:+",)}, False),
        ("1/x", {"monotone": ("x:-",)}, True),
        ("x/(x + 3)", {"limit": ("x->inf: 1",)}, True),
        ("x/(x + 3)", {"limit": ("x->inf: 0",)}, False),
        ("exp(-x)*x**3", {"limit": ("x->inf: 0",)}, True),
        ("sin(x)", {"limit": ("x->inf: 0",)}, False),
        ("log(x)", {"limit": ("x->inf: inf",)}, True),
        ("atan(x)", {"limit": ("x->inf: inf",)}, False),
        ("1/x", {"limit": ("x->0: inf",)}, True),
        ("sqrt(x)", {"limit": ("x->0: 0",)}, True),
        ("exp(x)", {"limit": ("x->-inf: 0",)}, True),
    ],
)
def test_a_formula_obeys_what_is_true_of_it(
    formula: str, known: dict[str, tuple[str, ...]], obeys: bool
) -> None:
    assert broken(formula, **known) is not obeys


def test_other_inputs_may_have_any_value() -> None:
    assert not broken("x*z", "x", "z", through=("x=0,y=0",))
    assert broken("x*z + z/9", "x", "z", through=("x=0,y=0",))
    assert broken("x*(z - 1)", "x", "z", monotone=("x:+",))
    assert not broken("x*z", "x", "z", monotone=("x:+",))


def test_a_positive_target_needs_a_formula_that_is_so_between_the_rows_as_well() -> None:
    data = replace(table("x"), x=np.array([[0.0], [1.0], [3.0]]), y=np.ones(3), validation=np.zeros(3, bool))
    held = demands_of(FitOptions(), replace(data, positive=("y",)))
    assert held.broken(parse("(x - 2)**2 - 0.5", ("x",)))
    assert not held.broken(parse("(x - 2)**2 + 0.5", ("x",)))
    assert not demands_of(FitOptions(), replace(data, positive=("x",))).several


@pytest.mark.parametrize(
    "known",
    [
        {"through": ("0",)},
        {"through": ("x=0,z=1",)},
        {"through": ("q=0,y=1",)},
        {"monotone": ("x",)},
        {"monotone": ("y:+",)},
        {"limit": ("x: 0",)},
        {"limit": ("x->far: 0",)},
    ],
)
def test_what_cannot_be_read_is_a_mistake_of_use(known: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError):
        demands_of(FitOptions(**known), table("x"))  # type: ignore[arg-type]
