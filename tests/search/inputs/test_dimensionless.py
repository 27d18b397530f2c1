"""A table in dimensionless numbers: none of them hangs on the choice of units, and writing back is the identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from expressions import property_test
from hypothesis import given, settings
from hypothesis import strategies as st
from searching import task_on

from kancli.dataset import Dataset, from_memory
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.inputs.dimensionless import DimensionlessNumbers, Reduced, reduced
from kancli.search.ledger import Ledger
from kancli.search.proposer import Rewriting
from kancli.search.task import Task
from kancli.search.trained import Shape
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import write
from kancli.symbolic.text.parser import parse
from kancli.units import read_units

X = np.random.default_rng(0).uniform(1, 3, (40, 5))
NAMES = ("m", "v", "c", "s", "t")
SI = {"m": "kg", "v": "m/s", "c": "m/s", "s": "m", "t": "s", "y": "J"}
# The same columns in other units, and how many of the first ones each of these is.
OTHERS = {
    "m": ("g", 1e-3),
    "v": ("km/h", 1 / 3.6),
    "c": ("km/s", 1e3),
    "s": ("cm", 1e-2),
    "t": ("ms", 1e-3),
    "y": ("kJ", 1e3),
}
often = settings(property_test, max_examples=20)


def table(x: np.ndarray, y: np.ndarray, names: tuple[str, ...] = NAMES) -> Dataset:
    return from_memory(x, y, inputs=names, target="y")[0]


def numbers(data: Dataset, units: Mapping[str, str]) -> Reduced:
    return reduced(data, read_units((*data.inputs, data.target), units))


ENERGY = X[:, 0] * X[:, 2] ** 2 * np.exp(-X[:, 1] / X[:, 2]) * X[:, 3] / (X[:, 4] * X[:, 1])


@often
@given(st.sets(st.sampled_from([*NAMES, "y"])))
def test_the_numbers_do_not_hang_on_the_units_in_which_columns_are_given(changed: set[str]) -> None:
    units = {name: OTHERS[name][0] if name in changed else unit for name, unit in SI.items()}
    sizes = np.array([OTHERS[name][1] if name in changed else 1.0 for name in NAMES])
    y = ENERGY / (OTHERS["y"][1] if "y" in changed else 1.0)
    first, other = numbers(table(X, ENERGY), SI), numbers(table(X / sizes, y), units)
    assert first.table is not None
    assert other.table is not None
    assert other.law == first.law
    assert np.allclose(other.table.dataset.x, first.table.dataset.x, rtol=1e-12)
    assert np.allclose(other.table.dataset.y, first.table.dataset.y, rtol=1e-12)


@often
@given(
    st.lists(st.sampled_from([-2, -1, 0, 1, 2]), min_size=2, max_size=2),
    st.sampled_from(["exp(-{0})", "1 + {0}*{1}", "sin({0}) + {1}**2", "sqrt({0} + {1})"]),
    st.sets(st.sampled_from(NAMES)),
)
def test_a_law_in_the_numbers_written_back_has_the_values_of_the_law(
    powers: list[int], law: str, changed: set[str]
) -> None:
    """The target is an energy times random powers of two numbers of the table; its own scale is kinetic or so."""
    units = {name: OTHERS[name][0] if name in changed else unit for name, unit in SI.items()}
    sizes = np.array([OTHERS[name][1] if name in changed else 1.0 for name in NAMES])
    y = ENERGY * (X[:, 1] / X[:, 2]) ** powers[0] * (X[:, 3] / (X[:, 1] * X[:, 4])) ** powers[1]
    found = numbers(table(X / sizes, y), units)
    assert found.table is not None
    inner = found.table.dataset
    assert len(inner.inputs) == len(NAMES) - 3  # kg, m and s
    assert np.allclose(inner.y * evaluate(found.table.factor, X / sizes), y, rtol=1e-12)
    expression = parse(law.format("p", "q"), ("p", "q"))
    expected = evaluate(expression, inner.x) * evaluate(found.groups.scale, X / sizes)
    assert np.allclose(evaluate(found.table.back(expression), X / sizes), expected, rtol=1e-12)


def test_a_number_that_does_not_vary_is_left_out() -> None:
    x = X.copy()
    x[:, 1] = 0.25 * x[:, 2]
    found = numbers(table(x[:, :3], x[:, 0] * x[:, 2] ** 2 * X[:, 3], NAMES[:3]), SI)
    assert found.table is None
    assert found.groups.groups == ()
    assert found.law.endswith("= a number")


def test_a_unit_that_is_not_known_is_an_error_that_says_how_to_give_it() -> None:
    with pytest.raises(UsageError) as problem:
        numbers(table(X, ENERGY), {name: unit for name, unit in SI.items() if name != "c"})
    assert "c" in problem.value.message
    assert "--unit c=UNIT" in str(problem.value.hint)


def test_a_scale_that_is_zero_in_some_row_is_an_error() -> None:
    x = X[:, [0, 2]].copy()
    x[3, 1] = 0.0
    with pytest.raises(UsageError, match="no value in some row"):
        numbers(table(x, X[:, 4], ("m", "c")), SI)


def task(data: Dataset) -> Task:
    return replace(task_on(data, FitOptions(units="reduce", simplify_seconds=0.1)), units=SI)


def test_the_smaller_task_has_no_units_and_its_best_candidate_comes_back_finished() -> None:
    y = X[:, 0] * X[:, 2] ** 2 / np.sqrt(1 - (X[:, 1] / (4 * X[:, 2])) ** 2)
    whole, ledger = task(table(X[:, :3], y, NAMES[:3])), Ledger()
    (proposal,) = DimensionlessNumbers().propose(whole, ledger)
    assert isinstance(proposal, Rewriting)
    assert (proposal.keep, proposal.at_end, proposal.only) == (1, True, None)
    inner = proposal.task.dataset
    assert proposal.task.options.units == "ignore"
    assert proposal.task.units == {}
    (number,) = inner.inputs
    assert number in ("v/c", "c/v")
    assert ledger.remarks == [f"in dimensionless numbers: {inner.target} = f({number})"]

    # Whichever scale and number were taken, this is the law in them.
    scale = evaluate(numbers(whole.dataset, SI).groups.scale, whole.dataset.x)
    assert np.allclose(inner.y * scale, y, rtol=1e-13)
    ratio = "p" if number == "v/c" else "1/p"
    front = "" if np.allclose(scale, X[:, 0] * X[:, 2] ** 2) else f"*({ratio})**-2"
    law = write(
        parse(f"1/sqrt(1.001 - 0.0624*({ratio})**2){front}", ("p",)), inner.x, inner.y, **columns_of(inner)
    )
    base = replace(without_network("form", inner, 0, {}), metadata={"seed": 0})
    one = Candidate(law, quality_of(law, inner), "network", Shape("1,1"), base, remarks=("inner",))
    back = proposal.back(one)
    assert isinstance(back, Candidate)
    assert back.error < 1e-10
    assert back.formula.free == 0
    assert back.base.stage == "units"
    assert back.base.metadata["dimensionless"] == {"inputs": [number], "target": inner.target}
    assert back.remarks == (f"fitted as {inner.target} = f({number})",)


def test_where_no_number_varies_the_law_is_a_constant_times_the_scale() -> None:
    names = ("length", "g")
    y = 2 * np.pi * np.sqrt(X[:, 0] / X[:, 1])
    data = table(X[:, :2], y, names)
    one = replace(task(data), units={"length": "m", "g": "m/s^2", "y": "s"})
    ((found,),) = DimensionlessNumbers().propose(one, Ledger())  # type: ignore[misc]
    assert found.formula.text in ("2*pi*sqrt(length/g)", "2*pi*sqrt(length)/sqrt(g)")
    assert found.error < 1e-10
    assert len(found.remarks) == 1


def test_a_constant_that_explains_little_is_remarked_on() -> None:
    data = table(X[:, :2], np.random.default_rng(1).uniform(1, 2, len(X)), ("length", "g"))
    one = replace(task(data), units={"length": "m", "g": "m/s^2", "y": "s"})
    proposals = list(DimensionlessNumbers().propose(one, Ledger()))
    ((found,),) = proposals  # type: ignore[misc]
    assert any("missing" in remark for remark in found.remarks)
