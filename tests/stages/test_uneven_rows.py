"""Tables whose rows are not equally good: what all stages make of their errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from laws import HOW

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, read_dataset, scaling
from kancli.engine.architecture import dense
from kancli.engine.network import initial_network
from kancli.recipe import PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
from kancli.stages.common import metrics, split
from kancli.stages.prune import prune
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train

LIBRARY = ("x", "x^2", "sin", "exp")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """y = sin(3x) + 2: a third of the rows to 0.01, the others to 1."""
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, 300)
    sigma = np.where(rng.random(300) < 0.33, 0.01, 1.0)
    y = np.sin(3 * x) + 2 + rng.normal(0, sigma)
    path = tmp_path_factory.mktemp("weights") / "data.csv"
    np.savetxt(path, np.column_stack([x, sigma, y]), delimiter=",", header="x,e,y", comments="", fmt="%.17g")
    return path


def whole_road(dataset: Dataset) -> Checkpoint:
    version = train(dataset, TrainOptions(width="1,1", restarts=2), **HOW)  # type: ignore[arg-type]
    version = prune(version, dataset, PruneOptions(), **HOW)  # type: ignore[arg-type]
    version = refine(version, dataset, RefineOptions(grid=(10,)), **HOW)  # type: ignore[arg-type]
    options = SymbolifyOptions(lib=LIBRARY, compositions=False, simplify_seconds=0.5)
    return symbolify(version, dataset, options, **HOW)  # type: ignore[arg-type]


def away(version: Checkpoint) -> float:
    """The largest distance between a formula and the law."""
    x = np.linspace(-1, 1, 101)
    values = eval(
        version.metadata["formula"], {"pi": np.pi, "sqrt": np.sqrt, "sin": np.sin, "exp": np.exp, "x": x}
    )
    return float(np.max(np.abs(values - np.sin(3 * x) - 2)))


def test_errors_given_make_the_formula_visibly_better(path: Path) -> None:
    known = whole_road(read_dataset(str(path), sigma="e"))
    unknown = whole_road(read_dataset(str(path), inputs=["x"]))
    assert known.metadata["formula"] == "sin(3*x) + 2"
    assert away(unknown) > 0.05
    assert 0.8 < known.metadata["reduced_chi2"] < 1.2
    assert unknown.metadata["reduced_chi2"] is None


def test_r2_of_a_network_is_the_weighted_one(path: Path) -> None:
    dataset = read_dataset(str(path), sigma="e", validation=0.0)
    scale = scaling(dataset)
    data = split(dataset, scale)
    low, high = data.everything.x.amin(1), data.everything.x.amax(1)
    network = initial_network(
        dense((1, 1), (0, 0)), low, high, restarts=1, grid=5, order=3, base="none", noise=0.1,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    values = network(data.everything.x)[0].numpy()
    y, weight = data.everything.y.numpy(), dataset.weight
    assert weight is not None
    mean = np.average(y, weights=weight)
    expected = 1 - (weight @ (y - values) ** 2) / (weight @ (y - mean) ** 2)
    assert metrics(network, data, scale)["r2"] == pytest.approx(expected)
