"""Of many rows only some are searched, and all of them fit the constants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from searching import searched, task_on

from kancli.dataset import Dataset, read_dataset
from kancli.search import Ledger, find_formula
from kancli.search.inputs.sample import MANY, ROWS, sampled
from kancli.stages.progress import Progress
from kancli.symbolic.expression import variables
from kancli.symbolic.text.parser import parse


@pytest.fixture
def many(tmp_path: Path) -> Dataset:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 3, (2, 4 * MANY))
    y = 2.345 * a**2 / b + rng.normal(0, 0.1, len(a))
    path = tmp_path / "data.csv"
    np.savetxt(path, np.column_stack([a, b, y]), delimiter=",", header="a,b,y", comments="", fmt="%.17g")
    return read_dataset(str(path))


def test_a_sample_has_the_table_s_share_of_held_out_rows_and_is_drawn_from_all_of_it(many: Dataset) -> None:
    found = sampled(many, 0)
    assert found is not None
    some = found.dataset
    assert len(some.y) == ROWS
    assert some.validation.mean() == pytest.approx(many.validation.mean(), abs=1e-3)
    place = {value: i for i, value in enumerate(many.y)}
    rows = np.array([place[value] for value in some.y])
    assert len(set(rows)) == ROWS
    assert np.array_equal(some.x, many.x[rows])
    assert np.array_equal(some.validation, many.validation[rows])
    assert rows.min() < 100 < len(many.y) - 100 < rows.max()
    again, other = sampled(many, 0), sampled(many, 1)
    assert again is not None
    assert other is not None
    assert again.dataset.fingerprint == some.fingerprint != other.dataset.fingerprint


def test_weights_keep_a_mean_of_1_and_the_noise_its_meaning(many: Dataset) -> None:
    weight = np.linspace(0.5, 1.5, len(many.y))
    found = sampled(replace(many, weight=weight, noise=0.2), 0)
    assert found is not None
    some = found.dataset
    assert some.weight is not None
    assert some.noise is not None
    assert some.weight.mean() == pytest.approx(1.0)
    place = {value: i for i, value in enumerate(many.y)}
    own = np.array([weight[place[value]] for value in some.y])
    assert np.allclose(some.noise / np.sqrt(some.weight), 0.2 / np.sqrt(own))


def test_few_rows_are_searched_as_they_are(many: Dataset) -> None:
    rows = slice(0, MANY - 1)
    few = replace(many, x=many.x[rows], y=many.y[rows], validation=many.validation[rows])
    assert sampled(few, 0) is None


def test_constants_are_those_of_all_rows(many: Dataset) -> None:
    road = searched(many).road
    facts = road[-1][0].metadata
    assert variables(parse(facts["formula"], ("a", "b"))) == (0, 1)
    (constant,) = facts["constants"][:1]
    a, b = many.x.T
    form = a**2 / b
    all_rows = form @ many.y / (form @ form)
    assert constant["value"] == pytest.approx(all_rows, rel=1e-4)
    error = 0.1 / np.sqrt(form @ form)
    assert constant["standard_error"] == pytest.approx(error, rel=0.1)
    assert f"searched in {ROWS} of {len(many.y)} rows, constants fitted to all" in facts["remarks"]
    assert len(road[0][1].y) == ROWS
    assert road[-1][1] is many


def test_what_was_found_in_a_sample_is_there_after_an_interrupt(many: Dataset) -> None:
    ledger = Ledger()

    def interrupt(progress: Progress) -> None:
        if "a**2" in progress.message and not ledger.heard:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_formula(task_on(many, report=interrupt), ledger)
    candidate = ledger.best_so_far
    assert candidate is not None
    assert "a**2" in candidate.formula.text
    assert candidate.road(many)[-1][1] is many
