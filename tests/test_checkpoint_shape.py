"""The facts of a version: what kancli writes is right, and what it would not write is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kancli.checkpoint import Checkpoint, read_header, save
from kancli.errors import CheckpointError


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"inputs": None}, "inputs is no list"),
        ({"inputs": ["x", 1]}, "inputs[1] is no text"),
        ({"edges": [{"source": 0, "target": 0, "function": "x"}]}, "edges[0].layer is missing"),
        ({"r2": "1"}, "r2 is no number"),
        ({"metrics": {"r2": True}}, "metrics.r2 is no number"),
        ({"seed": 10**400, "scaling": 3}, "scaling is no section"),
        ({"inputs": ["x"], "scaling": {"input_scale": [], "target_shift": 0.0, "target_scale": 1.0}}, "per input"),
    ],
    ids=str,
)  # fmt: skip
def test_a_fact_of_another_shape_is_damage_that_is_named(
    facts: dict[str, Any], said: str, tmp_path: Path
) -> None:
    kept = save(Checkpoint("train", {}, facts), tmp_path, None)
    assert kept.path is not None
    with pytest.raises(CheckpointError, match="are not those of a checkpoint") as caught:
        read_header(kept.path)
    assert said in caught.value.message


def test_facts_that_are_not_known_may_be_anything(tmp_path: Path) -> None:
    facts = {"later": [{"a": None}], "r2": None, "inputs": ["x"]}
    kept = save(Checkpoint("train", {}, facts), tmp_path, None)
    assert kept.path is not None
    assert read_header(kept.path).metadata == facts


def test_a_fact_that_is_needed_and_missing_is_an_error_of_the_file(tmp_path: Path) -> None:
    kept = save(Checkpoint("train", {}, {}), tmp_path, None)
    assert kept.path is not None
    with pytest.raises(CheckpointError, match="does not say its 'target'"):
        _ = read_header(kept.path).metadata["target"]
