"""Data in, formula out, without a width."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from searching import found, searched, table, task_on

from kancli.errors import UsageError
from kancli.recipe import parse_width
from kancli.search import PROPOSERS, Ledger, Task, find_formula
from kancli.search.inputs.proposers import way_back
from kancli.search.inputs.rewritten import rewritten
from kancli.search.networks.architectures import waves
from kancli.search.proposer import Proposal, Refused, Rewriting, fitted_candidate
from kancli.symbolic.expression import ONE, variables
from kancli.symbolic.text.parser import parse


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
    # No product of powers: networks are trained, pruned and read.
    x = np.random.default_rng(2).uniform(-1, 1, (200, 2))
    dataset = table(tmp_path, x, np.exp(np.sin(np.pi * x[:, 0]) + x[:, 1] ** 2))
    assert found(dataset, jobs=1, seconds=300) == found(dataset, jobs=2, seconds=300)


def test_a_time_limit_that_is_too_short_for_anything_good_still_gives_a_formula(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (1000, 4))
    dataset = table(tmp_path, x, np.sin(9 * x[:, 0] * x[:, 1]) / (1.2 + x[:, 2] * x[:, 3]))
    began = time.process_time()  # a busy machine is no fault of the search
    assert found(dataset, seconds=2.0)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("outliers", [(), (25.0, 20.0, 30.0)])
def test_noise_with_a_long_tail_is_no_law(tmp_path: Path, outliers: tuple[float, ...]) -> None:
    # A few of 500 rows are most of the variance, and a narrow peak that holds them explains much of it: without
    # outliers of ours the networks' held-out error is above the deviation, with them what is left looks like noise.
    rng = np.random.default_rng(2 if outliers else 7)
    x = rng.uniform(1, 5, (500, 3))
    y = np.exp((1.0 if outliers else 1.5) * rng.normal(size=500))
    y[: len(outliers)] = outliers
    facts = searched(table(tmp_path, x, y)).road[-1][0].metadata
    assert facts["r2_validation"] < 0.05
    assert variables(parse(facts["formula"], ("a", "b", "c"))) == ()


def test_a_straight_plane_with_noise_ends_the_search_when_two_ways_lead_to_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    x = rng.uniform(1, 5, (400, 2))
    y = 3.7 * x[:, 0] - 1.3 * x[:, 1] + 2 + rng.normal(0, 0.3, 400)
    lines: list[str] = []
    dataset = table(tmp_path, x, y)
    ledger = find_formula(task_on(dataset, report=lambda progress: lines.append(progress.message)))
    assert ledger.best.formula.free > 0
    assert {c.base.stage for c in ledger.candidates} >= {"powers", "symbolify"}
    assert not any("2,2,1,1" in line for line in lines)


def test_a_new_proposer_is_one_class_and_one_entry(tmp_path: Path) -> None:
    """It is asked for its proposal in the first round, and what it proposes is judged as everything else."""
    x = np.random.default_rng(0).uniform(1, 3, (200, 2))
    dataset = table(tmp_path, x, np.sin(x[:, 0]) ** x[:, 1])

    class Oracle:
        name: ClassVar[str] = "oracle"
        provisional: ClassVar[bool] = False

        def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
            yield (fitted_candidate(parse("sin(a)**b", ("a", "b")), task, "oracle"),)

    ledger = find_formula(task_on(dataset), proposers=(Oracle(), *PROPOSERS))
    assert ledger.road[-1][0].metadata["formula"] == "sin(a)**b"
    assert [c.base.stage for c in ledger.candidates] == ["oracle"]
    assert ledger.trained == []


def test_a_rewriting_is_searched_as_a_task_of_its_own_and_brought_back(tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(1, 3, (200, 2))
    dataset = table(tmp_path, x, np.exp(-x[:, 0] * x[:, 1]))

    class Product:
        name: ClassVar[str] = "product"
        provisional: ClassVar[bool] = False

        def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
            one = rewritten(task.dataset, [parse("a*b", ("a", "b"))], ONE)
            assert one is not None
            back = way_back(one, task, "in a*b", "kept")
            yield Rewriting(replace(task, dataset=one.dataset), back, only=("train", "read"), keep=1)

    ledger = find_formula(task_on(dataset), proposers=(Product(),))
    versions = [version.stage for version, _ in ledger.road]
    assert versions == ["train", "prune", "refine", "symbolify", "derive"]
    assert ledger.road[-1][0].metadata["formula"] == "exp(-a*b)"
    assert [data.inputs for _, data in ledger.road] == [("a*b",)] * 4 + [("a", "b")]


def test_what_is_refused_is_kept_with_its_reason(tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(1, 3, (60, 1))
    dataset = table(tmp_path, x, x[:, 0] ** 2)

    class Refusing:
        name: ClassVar[str] = "refusing"
        provisional: ClassVar[bool] = False

        def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
            other = replace(task, dataset=replace(task.dataset))
            yield Rewriting(other, lambda candidate: Refused("not today"), only=("train", "read"))

    ledger = Ledger()
    find_formula(task_on(dataset), ledger, proposers=(Refusing(),))
    assert set(ledger.refusals) == {"not today"}


def test_a_form_of_the_users_has_no_rivals(tmp_path: Path) -> None:
    x = np.random.default_rng(8).uniform(1, 3, (60, 2))
    dataset = table(tmp_path, x, 2 * x[:, 0] + np.sin(9 * x[:, 1]))
    ledger = searched(dataset, like="k*a")
    assert [c.base.stage for c in ledger.candidates] == ["like"]


@pytest.mark.parametrize("options", [{"exclude": ("sine",)}, {"lib": ("x", "sine")}])
def test_an_unknown_function_is_refused_before_anything_is_fitted(tmp_path: Path, options: dict) -> None:
    x = np.linspace(1.0, 2.0, 30)[:, None]
    with pytest.raises(UsageError, match="unknown function 'sine'") as refused:
        searched(table(tmp_path, x, x[:, 0] ** 2), **options)
    assert "sin" in (refused.value.hint or "")
