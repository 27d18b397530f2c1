"""Groups of inputs that enter the formula only together, proposed by slopes and confirmed by fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from kancli.engine.network import input_slopes
from kancli.search.networks.architectures import merged_nodes
from kancli.search.networks.separability import clusters, disagreement
from kancli.search.networks.train import train_all
from kancli.search.task import Task
from kancli.search.trained import PROMISING, Merge, Shape, Trained
from kancli.stages.common import network_of, scaling_of, split

ROUNDS = 3
# Shapes above the merged inputs with which a proposal is tried, beside that of the best network so far.
TRIED = ("2,1,1", "3,1,1")
# A merged network may be this much worse than one without; this much where both are far from the law, or where
# what is left is noise.
WORSE, ROUGHLY = 1.03, 1.1
# Errors below this share of the target's deviation may be the coarse splines' own, which differ this much.
SPLINES, COARSER = 0.01, 4.0


def groups_of(task: Task, trained: Sequence[Trained], share: float) -> Merge:
    """Groups of inputs that may be merged without loss.

    The slopes of the best network propose; a network with the groups merged must fit as well. Merging
    makes fits better, and better fits show more groups, so this goes on until nothing is proposed.
    """
    inputs = task.dataset.inputs
    merge: Merge = ()
    best = min(trained, key=lambda t: t.error)
    tails = dict.fromkeys((*TRIED, best.shape.width.split(",", 1)[1]))
    for _ in range(ROUNDS):
        proposed = proposals(task, best, merge)
        accepted = None
        for groups in proposed:
            nodes = merged_nodes(len(inputs), groups)
            shapes = [Shape(f"{len(inputs)},{nodes},{tail}", groups) for tail in tails if nodes > 1]
            shapes = shapes or [Shape(f"{len(inputs)},1,1", groups)]
            new = train_all(task, shapes, share)
            fitted = min(new, key=lambda t: t.error, default=None)
            if fitted is not None and as_good(fitted, best):
                accepted = groups, fitted
                break
        if accepted is None:
            break
        merge, best = accepted
    return merge


def as_good(merged: Trained, best: Trained) -> bool:
    """Whether nothing is lost by merging."""
    if merged.error <= SPLINES:
        return merged.error <= COARSER * best.error
    rough = merged.noise or best.error > PROMISING
    return merged.error <= (ROUGHLY if rough else WORSE) * best.error


def proposals(task: Task, best: Trained, merge: Merge) -> list[Merge]:
    """The groups so far with all new ones that the slopes of a network suggest; then with only the clearest."""
    inputs = task.dataset.inputs
    grouped = {name for group in merge for name in group}
    free = [i for i, name in enumerate(inputs) if name not in grouped]
    if len(free) < 2:
        return []
    first = best.version
    data = split(task.dataset, scaling_of(first.metadata))
    with torch.no_grad():
        slopes = input_slopes(network_of(first), data.everything.x)[0].numpy()
    x = data.everything.x.numpy()
    found = clusters(disagreement(np.ascontiguousarray(slopes[free]), x[free]))
    new = tuple(tuple(inputs[free[i]] for i in group) for group in found)
    return list(dict.fromkeys(merge + new[:count] for count in (len(new), 1) if new))
