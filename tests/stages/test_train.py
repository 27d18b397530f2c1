"""Train: what it keeps, what it refuses, and that it repeats itself."""

from __future__ import annotations

import numpy as np
import pytest
from laws import HOW, Table

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import TrainOptions
from kancli.stages.common import network_of, scaling_of, split
from kancli.stages.progress import Progress
from kancli.stages.train import train

SMALL = {"restarts": 2, "steps": 8}


def test_the_same_seed_gives_the_same_bits_whatever_the_jobs(tutorial: Dataset) -> None:
    options = TrainOptions(width="2,2,1", **SMALL)
    one = train(tutorial, options, **HOW)
    for jobs in (1, 2):
        again = train(tutorial, options, **{**HOW, "jobs": jobs})
        assert again.tensors.keys() == one.tensors.keys()
        assert all(np.array_equal(again.tensors[k], one.tensors[k]) for k in one.tensors)
        assert again.metadata == one.metadata


def test_another_seed_gives_another_network(tutorial: Dataset) -> None:
    options = TrainOptions(width="2,2,1", **SMALL)
    one, other = (train(tutorial, options, **{**HOW, "seed": s}) for s in (0, 1))
    assert any(not np.array_equal(one.tensors[k], other.tensors[k]) for k in one.tensors)


def test_training_touches_no_global_random_state(tutorial: Dataset) -> None:
    import torch

    before = torch.get_rng_state()
    old = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    train(tutorial, TrainOptions(width="2,1,1", restarts=1, steps=2), **HOW)
    assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(old, np.random.get_state()[1])  # type: ignore[index]


def test_a_dense_fit_explains_the_law(trained: Checkpoint) -> None:
    assert trained.metadata["metrics"]["r2_validation"] > 0.999


def test_the_metrics_are_those_of_the_network_in_the_targets_units(
    trained: Checkpoint, tutorial: Dataset
) -> None:
    scale = scaling_of(trained.metadata)
    everything = split(tutorial, scale).everything
    from kancli.engine.network import trace

    scaled = trace(network_of(trained), everything.x).nodes[-1][0, 0].numpy()
    error = scaled * scale.target_scale + scale.target_shift - tutorial.y
    held = tutorial.validation
    wanted = {
        "rmse": np.sqrt(np.mean(error[~held] ** 2)),
        "rmse_validation": np.sqrt(np.mean(error[held] ** 2)),
        "r2": 1 - np.sum(error[~held] ** 2) / np.sum((tutorial.y[~held] - tutorial.y[~held].mean()) ** 2),
    }
    for key, value in wanted.items():
        np.testing.assert_allclose(trained.metadata["metrics"][key], value, rtol=1e-6)


def test_influence_sums_to_one_and_ranks_the_inputs(table: Table) -> None:
    data = table(lambda a, b, c: 3 * a + b**2 + 0 * c, inputs=3)
    found = train(data, TrainOptions(width="3,1", restarts=2), **HOW).metadata["influence"]
    assert [e["input"] for e in found] == ["x1", "x2", "x3"]
    shares = [e["influence"] for e in found]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] < 1e-3


def test_a_width_that_does_not_match_the_data_says_which_would(tutorial: Dataset) -> None:
    with pytest.raises(UsageError) as caught:
        train(tutorial, TrainOptions(width="3,5,1"), **HOW)
    assert "2,5,1" in (caught.value.hint or "")


def test_progress_counts_up_to_a_final_report(tutorial: Dataset) -> None:
    told: list[Progress] = []
    train(tutorial, TrainOptions(width="2,2,1", **SMALL), **{**HOW, "report": told.append})
    steps = [p.step for p in told]
    assert steps == sorted(steps)
    assert [p.final for p in told] == [False] * (len(told) - 1) + [True]


def test_product_nodes_learn_a_product(table: Table) -> None:
    data = table(lambda a, b: a * b)
    found = train(data, TrainOptions(width="2,1p,1"), **HOW)
    assert found.metadata["metrics"]["rmse_validation"] < 1e-3


def test_a_product_as_the_output_learns_a_product(table: Table) -> None:
    data = table(lambda a, b: (2 + a) * np.exp(b))  # whose mean is far from nought
    found = train(data, TrainOptions(width="2,1p"), **HOW)
    assert found.metadata["metrics"]["rmse_validation"] < 1e-3


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_first_order_optimisers_train_too(tutorial: Dataset, optimizer: str) -> None:
    steps = 12 if optimizer == "lbfgs" else 200
    options = TrainOptions(
        width="2,2,1", optimizer=optimizer, restarts=2, steps=steps, base="silu", lamb=1e-4
    )
    assert train(tutorial, options, **HOW).metadata["metrics"]["r2"] > 0.8


def test_inputs_that_are_merged_enter_through_one_node(tutorial: Dataset) -> None:
    options = TrainOptions(width="2,1,1", merge=(("x1", "x2"),), **SMALL)
    found = network_of(train(tutorial, options, **HOW)).architecture
    assert found.edges[0] == ((0, 0), (1, 0))


@pytest.mark.parametrize(
    ("width", "merge", "message"),
    [
        ("2,2,1", ("x1", "x2"), "needs 1 nodes"),
        ("2,1,1", ("x1", "z"), "no input 'z'"),
        ("2,1,1", ("x1",), "two inputs or more"),
    ],
)
def test_groups_that_do_not_match_are_refused(
    tutorial: Dataset, width: str, merge: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        train(tutorial, TrainOptions(width=width, merge=(merge,), **SMALL), **HOW)


def test_finer_grids_show_that_the_right_shape_converges_and_keep_the_better(tutorial: Dataset) -> None:
    options = TrainOptions(width="2,1,1", grid=5, finer=(10,), restarts=4)
    found = train(tutorial, options, **HOW)
    coarse, fine = (tried["error"] for tried in found.metadata["grids"])
    assert fine < coarse / 5
    assert network_of(found).layers[0].grid == 10
    wrong = train(tutorial, TrainOptions(width="2,1", grid=5, finer=(10,), restarts=4), **HOW)
    assert len(wrong.metadata["grids"]) == 1
