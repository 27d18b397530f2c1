"""Data in, formula out, without a width."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, read_dataset
from kancli.recipe import FitOptions, parse_width
from kancli.search.fit import fit
from kancli.search.shapes import waves
from kancli.stages.progress import silent


def table(folder: Path, x: np.ndarray, y: np.ndarray) -> Dataset:
    """A dataset of columns a, b, … and y, read from a file as users' are."""
    names = [*"abcdefgh"[: x.shape[1]], "y"]
    path = folder / "data.csv"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=",".join(names), comments="", fmt="%.17g")
    return read_dataset(str(path))


def found(dataset: Dataset, *, jobs: int = 1, seconds: float = 100.0, **options: object) -> str:
    best, _ = fit(
        dataset,
        FitOptions(**options),
        seed=0,
        jobs=jobs,
        deadline=time.monotonic() + seconds,
        report=silent,
    )
    return str(best.facts["formula"])


@pytest.mark.parametrize("inputs", [1, 2, 7])
def test_every_shape_has_the_inputs_of_the_data_and_one_output(inputs: int) -> None:
    for wave in waves(inputs):
        for width in wave:
            layers = parse_width(width.width)
            assert layers[0] == (inputs, 0)
            assert sum(layers[-1]) == 1


def test_a_quotient_and_a_product_that_changes_sign_are_found_without_a_width(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 3, (300, 2))
    assert found(table(tmp_path, x, x[:, 0] / x[:, 1] ** 2)) == "a/b**2"
    x = rng.uniform(-1, 1, (300, 2))
    assert found(table(tmp_path, x, x[:, 0] * np.sin(3 * x[:, 1]))) == "a*sin(3*b)"


def test_an_input_without_influence_is_left_out(tmp_path: Path) -> None:
    x = np.random.default_rng(1).uniform(1, 3, (300, 3))
    assert found(table(tmp_path, x, x[:, 0] * x[:, 2])) == "a*c"


def test_the_formula_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 3, (200, 2))
    dataset = table(tmp_path, x, x[:, 0] * x[:, 1] + rng.normal(0, 0.02, 200))
    assert found(dataset, jobs=1, seconds=300) == found(dataset, jobs=2, seconds=300)


def test_a_time_limit_that_is_too_short_for_anything_good_still_gives_a_formula(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (1000, 4))
    dataset = table(tmp_path, x, np.sin(9 * x[:, 0] * x[:, 1]) / (1.2 + x[:, 2] * x[:, 3]))
    began = time.monotonic()
    assert found(dataset, seconds=2.0)
    assert time.monotonic() - began < 15
