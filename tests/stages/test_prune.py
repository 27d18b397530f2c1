"""Prune: down to the minimal graph, and never further."""

from __future__ import annotations

import numpy as np
import pytest
from laws import HOW, Table

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import DataError, UsageError
from kancli.recipe import PruneOptions, TrainOptions
from kancli.stages.prune import prune, sample
from kancli.stages.train import train


def edges(checkpoint: Checkpoint) -> list[list[list[int]]]:
    return checkpoint.metadata["architecture"]["edges"]  # type: ignore[no-any-return]


def test_the_tutorial_is_pruned_to_its_three_functions(pruned: Checkpoint) -> None:
    first, second = edges(pruned)
    assert len(second) == 1
    hidden = second[0][0]
    assert first == [[0, hidden], [1, hidden]]


def test_pruning_leaves_its_input_bit_equal(trained: Checkpoint, tutorial: Dataset) -> None:
    before = {k: v.copy() for k, v in trained.tensors.items()}
    prune(trained, tutorial, PruneOptions(), **HOW)
    assert all(np.array_equal(before[k], trained.tensors[k]) for k in before)


def test_the_same_bits_come_out_whatever_the_jobs(
    trained: Checkpoint, pruned: Checkpoint, tutorial: Dataset
) -> None:
    again = prune(trained, tutorial, PruneOptions(), **{**HOW, "jobs": 2})
    assert all(np.array_equal(again.tensors[k], pruned.tensors[k]) for k in pruned.tensors)
    assert again.metadata == pruned.metadata


def test_what_is_left_still_explains_the_held_out_rows(pruned: Checkpoint) -> None:
    assert pruned.metadata["metrics"]["r2_validation"] > 0.9999


def test_what_was_removed_is_told(trained: Checkpoint, pruned: Checkpoint) -> None:
    removed = {tuple(e) for e in pruned.metadata["removed"]}
    left = {(layer, s, t) for layer, pairs in enumerate(edges(pruned)) for s, t in pairs}
    there = {(layer, s, t) for layer, pairs in enumerate(edges(trained)) for s, t in pairs}
    assert removed == there - left


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_the_output_is_never_cut_off(table: Table, noise: float) -> None:
    data = table(lambda a, b: a + 0 * b, noise=noise)  # as much noise as there is law
    small = train(data, TrainOptions(width="2,2,1", restarts=2, steps=10), **HOW)
    found = prune(small, data, PruneOptions(tolerance=10.0), **HOW)
    first, second = edges(found)
    assert {s for s, _ in second} == {t for _, t in first}
    assert first


def test_an_input_that_does_not_matter_goes(table: Table) -> None:
    data = table(lambda a, b, c: np.sin(2 * a) + c, inputs=3, noise=0.05)
    found = prune(train(data, TrainOptions(width="3,1"), **HOW), data, PruneOptions(), **HOW)
    assert edges(found) == [[[0, 0], [2, 0]]]


def test_a_product_takes_the_place_of_the_sums_that_made_it(table: Table) -> None:
    data = table(lambda a, b: a * b)
    found = prune(train(data, TrainOptions(width="2,3,1"), **HOW), data, PruneOptions(), **HOW)
    assert sum(map(len, found.metadata["architecture"]["products"])) == 1
    assert found.metadata["metrics"]["rmse_validation"] < 1e-3


def test_scores_cut_what_the_paper_would_cut(
    pruned: Checkpoint, trained: Checkpoint, tutorial: Dataset
) -> None:
    nothing = prune(trained, tutorial, PruneOptions(by="score", threshold=0.0), **HOW)
    assert edges(nothing) == edges(trained)
    some = prune(trained, tutorial, PruneOptions(by="score", threshold=0.05), **HOW)
    assert len(edges(some)[0]) <= len(edges(trained)[0])


def test_a_threshold_that_cuts_off_the_output_is_refused(trained: Checkpoint, tutorial: Dataset) -> None:
    with pytest.raises(UsageError, match="cut the output off"):
        prune(trained, tutorial, PruneOptions(by="score", threshold=1e9), **HOW)


def test_other_columns_than_those_trained_on_are_refused(trained: Checkpoint, table: Table) -> None:
    with pytest.raises(DataError, match="trained on"):
        prune(trained, table(lambda a, b, c: a, inputs=3), PruneOptions(), **HOW)


def test_a_sample_keeps_the_ends_and_its_size() -> None:
    import torch

    from kancli.engine.training.levenberg_marquardt import Problem

    problem = Problem(torch.arange(100.0)[None, :], torch.arange(100.0))
    part = sample(problem, 10)
    assert part.y.shape == (10,)
    assert (float(part.y[0]), float(part.y[-1])) == (0.0, 99.0)
    assert sample(problem, 100) is problem


def test_edges_named_by_hand_are_removed_and_no_others(trained: Checkpoint, tutorial: Dataset) -> None:
    before = trained.metadata["architecture"]["edges"]
    name = f"0,{before[0][0][0]},{before[0][0][1]}"
    version = prune(trained, tutorial, PruneOptions(remove=(name,)), **HOW)
    assert version.metadata["removed"] == [list(map(int, name.split(",")))]
    with pytest.raises(UsageError, match="is not in the network"):
        prune(trained, tutorial, PruneOptions(remove=("7,0,0",)), **HOW)
    everything = tuple(f"0,{s},{t}" for s, t in before[0])
    with pytest.raises(UsageError, match="no input would reach"):
        prune(trained, tutorial, PruneOptions(remove=everything), **HOW)
