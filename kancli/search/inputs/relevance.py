"""Irrelevant inputs: proposed by the slopes of fitted networks, confirmed by fits without them, left out.

An input that the target does not depend on costs every step its share: edges to train, to prune and to read,
and wrong proposals of combinations. Where it is left out, the search begins anew on what is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from kancli.dataset import Dataset
from kancli.engine.architecture import Edge
from kancli.engine.network import Network, input_slopes
from kancli.engine.pruning import closure, refit, refit_all, without_edges
from kancli.engine.training.fitting import held_out_error
from kancli.search.inputs.rewritten import Rewritten, as_it_is
from kancli.search.networks.error import spread
from kancli.search.task import Task
from kancli.search.trained import Trained
from kancli.stages.common import Split, network_of, scaling_of, split
from kancli.symbolic.noise import chance_of, even

# A network that misses more of the target than this is no evidence of what matters.
KNOWS = 0.2
# What is proposed moves a network by less than so many times its error, or by hardly anything;
BELOW, SMALL = 3.0, 0.02
# what stays moves a network by so many times what goes.
GAP = 2.0
# Fits without some inputs are tried this often, each time from the better network of the time before.
ROUNDS = 3
# Levenberg-Marquardt steps of a re-fit.
STEPS = 30
# Without irrelevant inputs a network is better, not worse, up to what a re-fit leaves undone.
NO_WORSE = 1.01
# What a network without these inputs leaves must be unrelated to them; they may explain it by so much chance.
UNRELATED = 0.01


def only_relevant(task: Task, trained: Sequence[Trained]) -> Rewritten | None:
    """The table without the inputs that its target does not depend on; None where all seem to matter."""
    dataset = task.dataset
    best = min(trained, key=lambda t: t.error).version
    scale = scaling_of(best.metadata)
    data = split(dataset, scale)
    network, gone = network_of(best), frozenset[int]()
    unit = spread(dataset, best)
    for _ in range(ROUNDS):
        error = error_in(network, data)
        weak = weakest(network, data, max(BELOW * error, SMALL * unit), gone) if error <= KNOWS * unit else []
        if not weak:
            break
        fitted = refit_without(network, data, [gone | some for some in weak])
        limit = NO_WORSE * error_in(refit(network, data.train, STEPS), data)
        accepted = [
            (without, one)
            for without, one in fitted
            if error_in(one, data) <= limit and unrelated(one, data, dataset, without)
        ]
        if not accepted:
            break
        gone, network = max(accepted, key=lambda pair: len(pair[0]))
    if not gone:
        return None
    names = ", ".join(dataset.inputs[i] for i in sorted(gone))
    task.tell(f"without {names}", error_in(network, data) / unit)
    now = as_it_is(dataset)
    return now.only([one for i, one in enumerate(now.inputs) if i not in gone])


def error_in(network: Network, data: Split) -> float:
    """Held-out error of a network, in scaled units."""
    return float(held_out_error(network, data.judged)[0])


def weakest(network: Network, data: Split, most: float, gone: frozenset[int]) -> list[frozenset[int]]:
    """Sets of inputs that each move a network by less than `most`, and much less than those that stay do.

    An input moves it by its root mean square slope times its deviation.
    """
    x = data.everything.x
    with torch.no_grad():
        slopes = input_slopes(network, x)[0]
    moves = (slopes.square().mean(dim=-1).sqrt() * x.std(dim=-1)).tolist()
    left = sorted((i for i in range(len(moves)) if i not in gone), key=lambda i: moves[i])
    found = []
    for count in range(1, len(left)):
        below, above = moves[left[count - 1]], moves[left[count]]
        if below < most and above > GAP * below:
            found.append(frozenset(left[:count]))
    return found


def refit_without(
    network: Network, data: Split, choices: Sequence[frozenset[int]]
) -> list[tuple[frozenset[int], Network]]:
    """The network without the edges from these inputs, fitted again, for each choice of inputs that leaves one."""
    first = network.architecture.edges[0]
    found = []
    for without in choices:
        removed = closure(network.architecture, {Edge(0, s, t) for s, t in first if s in without})
        if removed is not None:
            found.append((without, without_edges(network, removed, data.train.x)))
    fitted = refit_all([one for _, one in found], network, data.train, STEPS)
    return [(without, one) for (without, _), one in zip(found, fitted, strict=True)]


def unrelated(network: Network, data: Split, dataset: Dataset, without: frozenset[int]) -> bool:
    """Whether what a network leaves of the target has nothing to do with these inputs."""
    residual = (data.everything.y - network(data.everything.x)[0]).numpy()
    return chance_of(dataset.x, even(residual, dataset.weight), without) >= UNRELATED
