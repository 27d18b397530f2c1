"""How far a trained network is from its table."""

from __future__ import annotations

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.training.fitting import held_out_error
from kancli.stages.common import network_of, scaling_of, split
from kancli.symbolic.noise import even, is_noise


def spread(table: Dataset, version: Checkpoint) -> float:
    """The target's deviation in the scaled units of a version's network: 1 unless the data are weighted."""
    return float(table.y.std()) / scaling_of(version.metadata).target_scale or 1.0


def error_of(version: Checkpoint, table: Dataset) -> tuple[float, bool]:
    """Held-out error of a version's network in units of the target's deviation, and whether it is noise."""
    data = split(table, scaling_of(version.metadata))
    network = network_of(version)
    residual = (data.everything.y - network(data.everything.x)[0]).numpy()
    return float(held_out_error(network, data.judged)[0]), is_noise(table.x, even(residual, table.weight))
