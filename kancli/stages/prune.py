"""Prune: remove the edges and nodes that the data do not need."""

from __future__ import annotations

import torch

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.network import Network
from kancli.engine.pruning import (
    closure,
    edges_below,
    multiply_where_possible,
    prune_by_refit,
    refit,
    without_edges,
)
from kancli.engine.training.levenberg_marquardt import Problem
from kancli.errors import UsageError
from kancli.recipe import PruneOptions
from kancli.stages.common import (
    Split,
    check_columns,
    metrics,
    named_edge,
    network_of,
    scaling_of,
    split,
    successor,
)
from kancli.stages.progress import Progress, Report

# Rows used while searching: enough to distinguish edges, few enough that a long table does not slow the search down.
SEARCH_ROWS = 4000
ROWS_PER_PARAMETER = 8
PRODUCT_RESTARTS = 8


def prune(
    checkpoint: Checkpoint, dataset: Dataset, options: PruneOptions, *, seed: int, jobs: int, report: Report
) -> Checkpoint:
    """A network with fewer edges that predicts held-out rows as well, or (`by: score`) nearly as well.

    Raises UsageError when a score threshold would cut off the output.
    """
    check_columns(checkpoint, dataset)
    scale = scaling_of(checkpoint.metadata)
    data = split(dataset, scale)
    network = network_of(checkpoint)
    before = network.architecture
    if options.remove:
        pruned = by_hand(network, data, options)
    elif options.by == "score":
        pruned = by_score(network, data, options)
    else:
        pruned = by_refit(network, data, options, seed, report)
    numbers = metrics(pruned, data, scale)
    removed = sorted(set(before.all_edges()) - set(pruned.architecture.all_edges()))
    report(
        Progress(
            "prune",
            len(removed),
            None,
            None,
            numbers["r2_validation"] if data.held_out is not None else numbers["r2"],
            f"{before.size} → {pruned.architecture.size} edges",
            final=True,
        )
    )
    return successor(
        checkpoint,
        "prune",
        pruned,
        options.model_dump(mode="json"),
        numbers,
        {"removed": [list(edge) for edge in removed]},
    )


def by_hand(network: Network, data: Split, options: PruneOptions) -> Network:
    """Without the edges that are named, and those that lead nowhere then; the rest is fitted again.

    Raises UsageError for an edge that is not there, or without which no input reaches the output.
    """
    named = {named_edge(text, network) for text in options.remove}
    removed = closure(network.architecture, named)
    if removed is None:
        raise UsageError(
            f"without {' '.join(options.remove)} no input would reach the output", "name fewer edges"
        )
    return refit(without_edges(network, removed, data.train.x), data.train, options.steps)


def by_score(network: Network, data: Split, options: PruneOptions) -> Network:
    """The paper's rule; nothing is fitted again."""
    removed = edges_below(network, data.train.x, options.threshold)
    if removed is None:
        raise UsageError(
            f"--threshold {options.threshold:g} would cut the output off from every input",
            "use a smaller threshold, or --by refit, which needs none",
        )
    return without_edges(network, removed, data.train.x)


def by_refit(network: Network, data: Split, options: PruneOptions, seed: int, report: Report) -> Network:
    """Remove, refit, compare; searched on a sample of long tables, the result refitted on all training rows."""
    everything = network.architecture.size

    def watch(round_: int, edges: int, error: float) -> None:
        report(Progress("prune", everything - edges, everything, error**2, None, f"{edges} edges"))

    rows = max(SEARCH_ROWS, ROWS_PER_PARAMETER * network.size)
    some, judged = sample(data.train, rows), sample(data.judged, rows)
    result = prune_by_refit(
        network, some, judged, steps=options.steps, tolerance=options.tolerance, watch=watch
    ).network
    if options.products:
        result = multiply_where_possible(
            result,
            some,
            judged,
            steps=options.steps,
            tolerance=options.tolerance,
            restarts=PRODUCT_RESTARTS,
            generator=torch.Generator().manual_seed(seed),
        )
    if some is not data.train:
        result = refit(result, data.train, options.steps)
    return result


def sample(problem: Problem, rows: int) -> Problem:
    """Evenly spaced rows of a problem, or the problem itself when it is short enough."""
    have = problem.x.shape[-1]
    if have <= rows:
        return problem
    chosen = torch.linspace(0, have - 1, rows).round().to(torch.int64)
    weight = None if problem.weight is None else problem.weight[chosen]
    return Problem(problem.x[:, chosen].contiguous(), problem.y[chosen], weight)
