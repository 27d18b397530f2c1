"""A later stage sees the very rows that training saw, or says why it cannot."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kancli.checkpoint import Checkpoint, save
from kancli.dataset import Dataset
from kancli.errors import CheckpointError, DataError
from kancli.recipe import DataOptions
from kancli.stages.source import describe, read, reopen

TEXT = "x1;x2;y;z\n" + "".join(f"{i};{i % 3};{i * i};0\n" for i in range(12))


def trained(options: DataOptions, seed: int, run: Path) -> tuple[Dataset, Checkpoint]:
    """What training on these data leaves."""
    dataset = read(options, seed)
    run.mkdir(exist_ok=True)
    metadata = {
        "inputs": list(dataset.inputs),
        "target": dataset.target,
        "data": describe(dataset, options, seed, run),
    }
    return dataset, save(Checkpoint("train", {}, metadata), run, None)


def same(one: Dataset, other: Dataset) -> bool:
    return (
        (one.inputs, one.target, one.fingerprint) == (other.inputs, other.target, other.fingerprint)
        and bool(np.array_equal(one.validation, other.validation))
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    return path


def test_a_file_is_read_again_with_the_same_columns_and_split(path: Path, tmp_path: Path) -> None:
    options = DataOptions(path=str(path), target="y", inputs=("x2", "x1"), sep=";", validation=0.25)
    dataset, checkpoint = trained(options, 5, tmp_path / "run")
    again, kept = reopen(checkpoint)
    assert same(dataset, again)
    assert kept == checkpoint.metadata["data"]


def test_a_relative_path_is_found_from_another_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset, checkpoint = trained(DataOptions(path="t.csv", target="y"), 0, tmp_path / "run")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert same(dataset, reopen(checkpoint)[0])


def test_standard_input_is_kept_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(TEXT.encode())))
    dataset, checkpoint = trained(DataOptions(path="-", target="y"), 0, tmp_path / "run")
    assert same(dataset, reopen(checkpoint)[0])


def test_a_changed_file_is_refused_unless_named(path: Path, tmp_path: Path) -> None:
    _, checkpoint = trained(DataOptions(path=str(path), target="y"), 0, tmp_path / "run")
    path.write_text(TEXT + "5;5;5;5\n")
    with pytest.raises(DataError, match="has changed since"):
        reopen(checkpoint)
    dataset, kept = reopen(checkpoint, str(path))
    assert len(dataset.y) == 13
    assert kept["rows"] == 13
    assert kept["fingerprint"] == dataset.fingerprint != checkpoint.metadata["data"]["fingerprint"]


def test_another_table_must_have_the_columns(path: Path, tmp_path: Path) -> None:
    _, checkpoint = trained(DataOptions(path=str(path), target="y"), 0, tmp_path / "run")
    other = tmp_path / "other.csv"
    other.write_text("x1,y\n1,2\n2,3\n3,9\n")
    with pytest.raises(DataError, match="x2"):
        reopen(checkpoint, str(other))


def test_an_input_that_became_constant_is_refused(path: Path, tmp_path: Path) -> None:
    _, checkpoint = trained(DataOptions(path=str(path), target="y"), 0, tmp_path / "run")
    other = tmp_path / "other.csv"
    other.write_text("x1,x2,y\n1,2,1\n2,2,3\n3,2,9\n")
    with pytest.raises(DataError, match="x2 never changes"):
        reopen(checkpoint, str(other))


def test_a_checkpoint_without_data_is_refused(tmp_path: Path) -> None:
    checkpoint = save(Checkpoint("train", {}, {}), tmp_path, None)
    with pytest.raises(CheckpointError, match="does not name the data"):
        reopen(checkpoint)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_has_become_a_pipe_is_not_waited_for(path: Path, tmp_path: Path) -> None:
    _, checkpoint = trained(DataOptions(path=str(path), target="y"), 0, tmp_path / "run")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DataError, match="is not a file that can be read again") as caught:
        reopen(checkpoint)
    assert "--data" in (caught.value.hint or "")
