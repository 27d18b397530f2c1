"""The numbers behind pictures agree with the network, the formula and the data they are of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kancli.checkpoint import Checkpoint, save
from kancli.dataset import Dataset
from kancli.errors import CheckpointError, UsageError
from kancli.stages.pipeline import recorded
from kancli.stages.progress import Progress
from kancli.stages.results.picture import (
    chosen_edges,
    front_view,
    lineage,
    loss_view,
    network_view,
    prediction_view,
)
from kancli.stages.results.predict import by_formula, by_network


def test_the_curves_of_a_single_layer_add_up_to_what_the_network_predicts(
    pruned: Checkpoint, tutorial: Dataset
) -> None:
    view = network_view(pruned, tutorial)
    scale = pruned.metadata["scaling"]
    first = sum(
        np.interp(tutorial.x[:, e.source], e.x, e.y) for e in view.edges if e.layer == 0
    )  # one hidden node is left
    last = next(e for e in view.edges if e.layer == 1)
    output = np.interp(first, last.x, last.y) * scale["target_scale"] + scale["target_shift"]
    predicted = by_network(pruned)(tutorial.x)
    assert np.abs(output - predicted).max() < 0.01 * np.ptp(predicted)


def test_the_points_of_an_edge_are_its_curve_where_nothing_is_left_to_explain(
    refined: Checkpoint, tutorial: Dataset
) -> None:
    for edge in network_view(refined, tutorial).edges:
        assert len(edge.points) > 20
        on_curve = np.interp(edge.points[:, 0], edge.x, edge.y)
        assert np.abs(edge.points[:, 1] - on_curve).max() < 0.02 * np.ptp(edge.y)


def test_what_the_data_ask_of_an_edge_is_off_its_curve_by_the_error(
    refined: Checkpoint, tutorial: Dataset
) -> None:
    # The last edge alone makes the output: a shift of the target is a shift of its points.
    shift = 0.5
    scale = refined.metadata["scaling"]["target_scale"]
    (before,), (after,) = (
        [e for e in network_view(refined, data).edges if e.layer == 1]
        for data in (tutorial, replace(tutorial, y=tutorial.y + shift))
    )
    np.testing.assert_allclose(after.points[:, 1] - before.points[:, 1], shift / scale, rtol=1e-6)


def test_functions_are_laid_over_the_curves_that_they_were_read_off(
    symbolified: Checkpoint, tutorial: Dataset
) -> None:
    for edge in network_view(symbolified, tutorial).edges:
        assert edge.symbolic
        assert edge.fit is not None
        assert np.abs(edge.fit - edge.y).max() < 0.01 * np.ptp(edge.y)


def test_a_function_that_is_not_the_curves_is_not_laid_over_it(
    symbolified: Checkpoint, tutorial: Dataset
) -> None:
    edges = [{**e, "expression": "cos(9*u)"} for e in symbolified.metadata["edges"]]
    wrong = replace(symbolified, metadata={**symbolified.metadata, "edges": edges})
    assert all(edge.fit is None for edge in network_view(wrong, tutorial).edges)


def test_without_data_the_curves_are_the_same_functions(refined: Checkpoint, tutorial: Dataset) -> None:
    ranges = {n: [float(c.min()), float(c.max())] for n, c in zip(tutorial.inputs, tutorial.x.T, strict=True)}
    bare = replace(refined, metadata={**refined.metadata, "data": {"ranges": ranges}})
    for with_data, without in zip(
        network_view(refined, tutorial).edges, network_view(bare, None).edges, strict=True
    ):
        assert without.points.shape == (0, 2)
        inside = without.x[(without.x > with_data.x.min()) & (without.x < with_data.x.max())]
        np.testing.assert_allclose(
            np.interp(inside, with_data.x, with_data.y),
            np.interp(inside, without.x, without.y),
            atol=0.02 * np.ptp(with_data.y),
        )
        assert without.strength == pytest.approx(with_data.strength, abs=0.3)


def test_the_strongest_edge_has_strength_one(trained: Checkpoint, tutorial: Dataset) -> None:
    strengths = [edge.strength for edge in network_view(trained, tutorial).edges]
    assert max(strengths) == pytest.approx(1)
    assert min(strengths) >= 0


def test_an_edge_that_is_not_there_is_named_with_those_that_are(
    pruned: Checkpoint, tutorial: Dataset
) -> None:
    view = network_view(pruned, tutorial)
    with pytest.raises(UsageError, match="edge 7,7,7 is not in the network") as problem:
        chosen_edges(view, "7,7,7", None)
    assert view.edges[0].name in (problem.value.hint or "")


def test_predictions_are_the_formulas_where_there_is_one(
    pruned: Checkpoint, symbolified: Checkpoint, tutorial: Dataset
) -> None:
    by_name = {v.model: v for v in (prediction_view(c, tutorial) for c in (pruned, symbolified))}
    np.testing.assert_array_equal(by_name["network"].predicted, by_network(pruned)(tutorial.x))
    np.testing.assert_array_equal(by_name["formula"].predicted, by_formula(symbolified.metadata)(tutorial.x))
    np.testing.assert_array_equal(by_name["formula"].held_out, tutorial.validation)


def test_a_version_without_formula_has_no_front(pruned: Checkpoint) -> None:
    with pytest.raises(UsageError, match="no front"):
        front_view(pruned.metadata)


def test_the_loss_is_what_was_reported_on_the_way_in_the_targets_unit(
    tmp_path: Path, trained: Checkpoint, pruned: Checkpoint
) -> None:
    history: list[tuple[int, float]] = []
    told: list[Progress] = []
    report = recorded(told.append, history)
    for step, loss in ((5, 0.04), (10, 0.01)):
        report(Progress("train", step, 10, loss, None))
    report(Progress("train", 10, None, 0.01, None, final=True))
    assert len(told) == 3
    first = save(trained, tmp_path, None, history=history)
    last = save(pruned, tmp_path, first)
    unit = trained.metadata["scaling"]["target_scale"]
    (train, steps), (prune, end) = loss_view(last).stages
    assert (train, prune) == ("train", "prune")
    np.testing.assert_allclose(steps[:2], [(5, 0.2 * unit), (10, 0.1 * unit)])
    assert end[-1][1] == pruned.metadata["metrics"]["rmse_validation"]


def test_the_lineage_ends_where_a_file_is_gone(
    tmp_path: Path, trained: Checkpoint, pruned: Checkpoint
) -> None:
    first = save(trained, tmp_path, None)
    last = save(pruned, tmp_path, first)
    assert [v.stage for v in lineage(last)] == ["train", "prune"]
    assert first.path is not None
    first.path.unlink()
    assert [v.stage for v in lineage(last)] == ["prune"]


def test_a_version_without_network_cannot_be_drawn(symbolified: Checkpoint, tutorial: Dataset) -> None:
    metadata = {k: v for k, v in symbolified.metadata.items() if k != "architecture"}
    with pytest.raises(CheckpointError, match="no network"):
        network_view(replace(symbolified, metadata=metadata), tutorial)
