"""Tables in which inputs are combined, and formulas written back from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, read_dataset
from kancli.search.inputs.rewritten import as_it_is, rewritten
from kancli.search.inputs.slopes import Combination, Homogeneity
from kancli.symbolic.expression import Variable, evaluate, multiply
from kancli.symbolic.text.parser import parse


@pytest.fixture
def table(tmp_path: Path) -> Dataset:
    x = np.random.default_rng(0).uniform(1, 3, (50, 3))
    y = x[:, 2] ** 2 * np.exp(-x[:, 0] * x[:, 1])
    path = tmp_path / "data.csv"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header="a,b,c [m],y", comments="", fmt="%.17g")
    return read_dataset(str(path))


def test_a_combination_stands_for_its_inputs_and_a_formula_in_it_for_the_law(table: Dataset) -> None:
    found = as_it_is(table).combined([Combination("product", (0, 1), (1.0, 1.0))])
    assert found is not None
    assert found.dataset.inputs == ("a*b", "c [m]")
    assert np.array_equal(found.dataset.x[:, 0], table.x[:, 0] * table.x[:, 1])
    law = found.back(parse("c_m**2*exp(-a_b)", ("a_b", "c_m")))
    assert np.allclose(evaluate(law, table.x), table.y, rtol=1e-13)


def test_a_power_taken_out_of_the_target_makes_rows_count_by_what_they_say(table: Dataset) -> None:
    found = as_it_is(table).divided({2: 2.0})
    assert found is not None
    assert found.dataset.inputs == ("a", "b")
    assert np.allclose(found.dataset.y, table.y / table.x[:, 2] ** 2, rtol=1e-14)
    weight = found.dataset.weight
    assert weight is not None
    assert weight.mean() == pytest.approx(1.0)
    assert np.ptp(weight / table.x[:, 2] ** 4) < 1e-12
    assert np.allclose(evaluate(found.back(parse("exp(-a*b)", ("a", "b"))), table.x), table.y, rtol=1e-13)


def test_combining_goes_on_from_what_is_combined(table: Dataset) -> None:
    first = as_it_is(table).divided({2: 2.0})
    assert first is not None
    second = first.combined([Combination("product", (0, 1), (1.0, 1.0))])
    assert second is not None
    assert second.dataset.inputs == ("a*b",)
    assert np.allclose(evaluate(second.back(parse("exp(-a_b)", ("a_b",))), table.x), table.y, rtol=1e-13)


def test_nothing_is_derived_where_a_row_would_have_no_value(table: Dataset) -> None:
    names = ("a", "b", "c_m")
    shifted = parse("a/(b - b)", names)
    assert rewritten(table, [shifted], parse("1", names)) is None
    assert as_it_is(table).divided({0: 1.0, 1: 1.0, 2: 1.0}) is None


def test_a_scale_taken_out_leaves_the_quotient_and_comes_back(table: Dataset) -> None:
    found = as_it_is(table).scaled(Homogeneity(scale=0, other=1, weight=2.0, degree=3.0))
    assert found is not None
    assert np.allclose(found.dataset.x[:, 0], table.x[:, 1] / table.x[:, 0] ** 2, rtol=1e-14)
    assert np.allclose(found.dataset.y, table.y / table.x[:, 0] ** 3, rtol=1e-14)
    back = evaluate(found.back(multiply(Variable(0), Variable(1))), table.x)
    assert np.allclose(back, table.x[:, 0] * table.x[:, 1] * table.x[:, 2], rtol=1e-13)
