"""Refine: the same function first, a smaller error then, and an end when that rises."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from laws import HOW, Table

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.network import trace
from kancli.engine.training.grid import refine_grids
from kancli.errors import UsageError
from kancli.recipe import RefineOptions, TrainOptions
from kancli.stages.common import network_of
from kancli.stages.refine import refine
from kancli.stages.train import train


def test_a_finer_grid_starts_from_the_same_function(pruned: Checkpoint) -> None:
    network = network_of(pruned)
    x = torch.rand(2, 200, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    before, after = (trace(n, x).nodes[-1] for n in (network, refine_grids(network, 20)))
    torch.testing.assert_close(after, before, rtol=0, atol=1e-9)


def test_the_error_falls_as_the_spline_law_says(pruned: Checkpoint, refined: Checkpoint) -> None:
    before, after = (c.metadata["metrics"]["rmse_validation"] for c in (pruned, refined))
    assert after < before / 50  # 5 → 20 intervals: 256 in the limit
    assert refined.metadata["architecture"]["grid"] == [20, 20]


def test_refining_leaves_its_input_bit_equal_and_repeats_itself(
    pruned: Checkpoint, refined: Checkpoint, tutorial: Dataset
) -> None:
    before = {k: v.copy() for k, v in pruned.tensors.items()}
    again = refine(pruned, tutorial, RefineOptions(), **{**HOW, "jobs": 2})
    assert all(np.array_equal(before[k], pruned.tensors[k]) for k in before)
    assert all(np.array_equal(again.tensors[k], refined.tensors[k]) for k in refined.tensors)


def test_the_edges_stay_the_same(pruned: Checkpoint, refined: Checkpoint) -> None:
    assert refined.metadata["architecture"]["edges"] == pruned.metadata["architecture"]["edges"]


def test_it_stops_where_the_held_out_error_rises(table: Table) -> None:
    data = table(lambda a, b: np.sin(2 * a) + b**2, noise=0.3, count=120)
    coarse = train(data, TrainOptions(width="2,1", restarts=2), **HOW)
    found = refine(coarse, data, RefineOptions(grid=[10, 40, 60]), **HOW)
    tried = found.metadata["grids"]
    kept = found.metadata["architecture"]["grid"][0]
    errors = {t["grid"]: t["error"] for t in tried}
    assert kept == min(errors, key=errors.get)  # type: ignore[arg-type]
    assert 60 not in errors
    assert found.metadata["metrics"]["rmse_validation"] <= coarse.metadata["metrics"]["rmse_validation"]


def test_a_grid_that_is_not_finer_is_refused(refined: Checkpoint, tutorial: Dataset) -> None:
    with pytest.raises(UsageError, match="already has grid 20"):
        refine(refined, tutorial, RefineOptions(grid=[10, 20]), **HOW)
