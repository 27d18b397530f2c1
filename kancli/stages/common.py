"""What all stages share: data as tensors, networks in checkpoints, metrics in the user's units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, Scaling
from kancli.engine.architecture import Edge
from kancli.engine.network import Network
from kancli.engine.state import from_state, to_state
from kancli.engine.training.fitting import held_out_error
from kancli.engine.training.levenberg_marquardt import Problem
from kancli.errors import CheckpointError, DataError, UsageError


@dataclass(frozen=True)
class Split:
    """The data in scaled units: rows to fit, rows held out (None if there are none), and all of them."""

    train: Problem
    held_out: Problem | None
    everything: Problem

    @property
    def judged(self) -> Problem:
        """The rows that decide: the held-out ones, or the training rows where nothing is held out."""
        return self.train if self.held_out is None else self.held_out


def split(dataset: Dataset, scaling: Scaling) -> Split:
    """Tensors (inputs, rows) and (rows,) of a dataset under a scaling."""
    x = torch.from_numpy(np.ascontiguousarray((dataset.x / np.array(scaling.input_scale)).T))
    y = torch.from_numpy((dataset.y - scaling.target_shift) / scaling.target_scale)
    held = torch.from_numpy(dataset.validation)
    weight = None if dataset.weight is None else torch.from_numpy(dataset.weight)

    def rows(mask: torch.Tensor) -> Problem:
        some = None if weight is None else weight[mask].contiguous()
        return Problem(x[:, mask].contiguous(), y[mask].contiguous(), some)

    return Split(rows(~held), rows(held) if bool(held.any()) else None, Problem(x, y, weight))


def spread_of(problem: Problem) -> float:
    """The variance of the targets, weighted where the rows are: what r² compares with."""
    if problem.weight is None:
        return float((problem.y - problem.y.mean()).square().mean())
    share = problem.weight / problem.weight.sum()
    return float((share * (problem.y - (share * problem.y).sum()).square()).sum())


def scaling_of(metadata: Mapping[str, Any]) -> Scaling:
    """The scaling under which a checkpoint's network was trained. Raises CheckpointError where there is none."""
    _must_have_a_network(metadata)
    stored = metadata["scaling"]
    return Scaling(tuple(stored["input_scale"]), float(stored["target_shift"]), float(stored["target_scale"]))


def _must_have_a_network(metadata: Mapping[str, Any]) -> None:
    """Raises CheckpointError, with a hint on how to get a network, for a version that has only a formula."""
    if "architecture" not in metadata:
        width = metadata.get("width")
        how = f"kan train DATA --width {width} makes one" if width else "kan train makes one"
        raise CheckpointError("this version has a formula but no network", how)


def network_of(checkpoint: Checkpoint) -> Network:
    """The network in a checkpoint. Raises CheckpointError if there is none or its parts do not match."""
    _must_have_a_network(checkpoint.metadata)
    try:
        tensors = {name: torch.from_numpy(np.array(value)) for name, value in checkpoint.tensors.items()}
        return from_state(tensors, checkpoint.metadata["architecture"])
    except (KeyError, ValueError, TypeError) as problem:
        raise CheckpointError(f"{checkpoint.path or 'checkpoint'}: not a network: {problem}") from problem


def named_edge(text: str, network: Network) -> Edge:
    """`layer,from,to` as an edge of the network. Raises UsageError when it is not there."""
    edge = Edge(*map(int, text.split(",")))
    there = network.architecture.all_edges()
    if edge not in there:
        names = " ".join(",".join(map(str, e)) for e in there)
        raise UsageError(f"edge {text} is not in the network", f"its edges are {names}")
    return edge


def network_parts(network: Network) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """Tensors as arrays, and the architecture, for a checkpoint."""
    tensors, architecture = to_state(network)
    return {name: value.numpy() for name, value in tensors.items()}, architecture


def metrics(network: Network, data: Split, scaling: Scaling) -> dict[str, float | None]:
    """r² and root mean square error (in the target's units) on the training and the held-out rows."""

    def of(problem: Problem | None) -> tuple[float | None, float | None]:
        if problem is None:
            return None, None
        error = float(held_out_error(network, problem)[0])
        spread = spread_of(problem)
        return (1 - error**2 / spread if spread > 0 else None), error * scaling.target_scale

    r2, rmse = of(data.train)
    r2_validation, rmse_validation = of(data.held_out)
    return {"r2": r2, "r2_validation": r2_validation, "rmse": rmse, "rmse_validation": rmse_validation}


def check_columns(checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Raises DataError unless the dataset has the columns that the checkpoint was trained on."""
    inputs, target = tuple(checkpoint.metadata["inputs"]), checkpoint.metadata["target"]
    if (inputs, target) != (dataset.inputs, dataset.target):
        raise DataError(
            f"{dataset.source}: has {', '.join(dataset.inputs)} → {dataset.target}, but the checkpoint was "
            f"trained on {', '.join(inputs)} → {target}",
            "give the data of the training run with --data",
        )


def successor(
    checkpoint: Checkpoint,
    stage: str,
    network: Network,
    options: Mapping[str, Any],
    numbers: Mapping[str, float | None],
    more: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """The next version: the parent's facts about the data, this stage's network, options and metrics."""
    tensors, architecture = network_parts(network)
    kept = {
        key: checkpoint.metadata[key]
        for key in ("inputs", "target", "scaling", "data", "seed", "versions", "influence", "constant")
        if key in checkpoint.metadata
    }
    metadata = {**kept, "architecture": architecture, "options": dict(options), "metrics": dict(numbers)}
    return Checkpoint(stage=stage, tensors=tensors, metadata={**metadata, **(more or {})})
