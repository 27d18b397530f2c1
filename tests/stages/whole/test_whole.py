"""A formula found in a sample, fitted to all rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, read_dataset
from kancli.dataset.large.read import dataset_of
from kancli.dataset.tables.text import TextTable
from kancli.stages.reading.formulas import columns_of
from kancli.stages.whole.formula import of_all_rows
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import constants
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.text.parser import parse

ROWS = 70_000
Make = Callable[[Callable[[np.ndarray, np.random.Generator], np.ndarray]], Path]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    def write_table(law: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Path:
        generator = np.random.default_rng(0)
        x = generator.uniform(0.5, 3.0, (ROWS, 2))
        path = tmp_path / "data.csv"
        rows = np.column_stack([x, law(x, generator)])
        np.savetxt(path, rows, fmt="%.17g", delimiter=",", header="a,b,y", comments="")
        return path

    return write_table


def sample_of(path: Path, size: int = 1 << 20) -> Dataset:
    return dataset_of(TextTable(str(path), size=size), source=str(path), once=False)


def formula(text: str, sample: Dataset) -> Formula:
    fitted = refit(parse(text, sample.inputs), sample.x, sample.y).expression
    return write(fitted, sample.x, sample.y, **columns_of(sample))


def noisy(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return 2.0 * x[:, 0] * np.exp(-0.7 * x[:, 1]) + 0.01 * generator.standard_normal(len(x))


def test_constants_and_figures_are_those_of_a_fit_to_all_rows_at_once(made: Make) -> None:
    path = made(noisy)
    sample, every = sample_of(path), read_dataset(str(path))
    found = of_all_rows(formula("1.9*a*exp(-0.6*b)", sample), sample)
    at_once = refit(found.formula.expression, every.x, every.y)
    values = [c.value for c in constants(found.formula.expression)]
    errors = at_once.standard_errors
    np.testing.assert_allclose(
        values, [c.value for c in constants(at_once.expression)], atol=0.02 * float(errors.max())
    )
    told = [c.standard_error for c in found.formula.constants if c.snapped is None]
    np.testing.assert_allclose(told, errors, rtol=1e-5)
    assert found.formula.rmse == pytest.approx((at_once.sse / ROWS) ** 0.5, rel=1e-6)
    assert found.chance > 0.001
    assert found.facts["outliers"] == []


def test_every_piece_size_gives_the_same_bits(made: Make) -> None:
    path = made(noisy)
    told = []
    for size in (9_973, 1 << 16, 1 << 24):
        sample = sample_of(path, size)
        found = of_all_rows(formula("1.9*a*exp(-0.6*b)", sample), sample)
        told.append((found.facts, found.chance, found.mse))
    assert told[0] == told[1] == told[2]


def test_an_offset_of_a_hundred_million_leaves_the_constants_right(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    x = 1e8 + generator.uniform(0.0, 1.0, ROWS)
    path = tmp_path / "data.csv"
    np.savetxt(
        path, np.column_stack([x, x - 99_999_990.0]), fmt="%.17g", delimiter=",", header="x,y", comments=""
    )
    sample = sample_of(path)
    start = write(parse("1.001*x - 100099990.0", ["x"]), sample.x, sample.y, **columns_of(sample))
    found = of_all_rows(start, sample)
    slope, offset = sorted((c.value for c in constants(found.formula.expression)), key=abs)
    assert abs(slope) == pytest.approx(1.0, abs=1e-6)
    assert abs(offset) == pytest.approx(99_999_990.0, rel=1e-6)
    assert found.formula.rmse is not None
    assert found.formula.rmse < 1e-6


def test_structure_that_only_all_rows_show_is_a_lack_of_fit(made: Make) -> None:
    def law(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        return noisy(x, generator) + 0.0012 * np.sin(2 * x[:, 0])

    sample = sample_of(made(law))
    found = of_all_rows(formula("1.9*a*exp(-0.6*b)", sample), sample)
    assert found.chance < 1e-6


def test_rows_far_off_are_named_and_do_not_bend_the_fit(made: Make) -> None:
    def law(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        y = noisy(x, generator)
        y[[123, 45_678]] += [30.0, -40.0]
        return y

    sample = sample_of(made(law))
    found = of_all_rows(formula("1.9*a*exp(-0.6*b)", sample), sample)
    assert [one["row"] for one in found.facts["outliers"][:2]] == [45_679, 124]
    assert found.facts["errors"]["loss"] == "t"
    assert found.facts["errors"]["scale"] == pytest.approx(0.01, rel=0.2)
    first, second = sorted(c.value for c in constants(found.formula.expression))
    assert (first, second) == pytest.approx((-0.7, 2.0), abs=5e-4)


def test_rows_without_a_value_are_counted(made: Make) -> None:
    def law(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        y = np.sqrt(x[:, 0] - 0.4) * 3.0
        x[[1000, 40_000]] = 0.1
        return y

    sample = sample_of(made(law))
    if (sample.x[:, 0] < 0.4).any():  # the draw is fixed: it has neither of them
        pytest.fail("the sample holds the rows without a value")
    found = of_all_rows(formula("2.9*sqrt(a - 0.4)", sample), sample)
    assert found.remarks == ("the formula has no value at 2 of 70000 rows",)
    assert found.rows == ROWS - 2
