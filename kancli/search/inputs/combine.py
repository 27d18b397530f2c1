"""Combinations of inputs, proposed by the slopes of fitted networks and confirmed by fits on the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from kancli.engine.network import input_slopes
from kancli.search.inputs.gauge import simplest
from kancli.search.inputs.neighbours import determines, number_by_neighbours
from kancli.search.inputs.rewritten import Rewritten, as_it_is
from kancli.search.inputs.single_index import numbers_in
from kancli.search.inputs.slopes import factors_in, found_in, homogeneous_in
from kancli.search.networks.groups import COARSER, ROUGHLY, SPLINES, as_good
from kancli.search.networks.train import train_all
from kancli.search.task import Task
from kancli.search.trained import Shape, Trained
from kancli.stages.common import network_of, scaling_of, split
from kancli.symbolic.library.functions import Function, library

Array = NDArray[np.float64]

ROUNDS = 5
# Rows for each interval of the grid on which a single input is tried.
ROWS_EACH = 10
# A proposal that combines less is taken for an error so much smaller.
CLEARLY = 0.5
# Where networks leave but noise, neighbours may differ by so much more, in variance: a standard error or two.
NOISY = 1.1
# Networks that miss more of the target's deviation than this are no measure of the noise.
TELLS = 0.7
# Shapes with which a proposal is tried, beside that of the best network so far.
TRIED = ("2,1,1", "3,1,1")


def single_number(task: Task, trained: Sequence[Trained]) -> Rewritten | None:
    """The table with one input instead of all, where that explains more than the networks, or all but noise."""
    best = min(trained, key=lambda t: t.error)
    return alone(as_it_is(task.dataset), best, functions_of(task))


def alone(now: Rewritten, best: Trained, functions: tuple[Function, ...]) -> Rewritten | None:
    """The derived table with one input instead of all, judged by neighbouring rows, by the same measure."""
    dataset = now.dataset
    most = missed(now, best) * (NOISY if knows_noise(best) else 0.25)
    found = number_by_neighbours(dataset.x.T, dataset.y, most)
    return None if found is None else simplest(found, now, functions)


def missed(now: Rewritten, best: Trained) -> float:
    """Share of the derived target's variance that a network misses: all of it at most.

    On held-out rows it may be more, where one of them is far from all others; any number would do as well then.
    """
    return min(best.error / now.unit, 1.0) ** 2


def knows_noise(best: Trained) -> bool:
    """Whether a network leaves but noise. A network that explains next to nothing is no evidence."""
    return best.noise and best.error <= TELLS


def functions_of(task: Task) -> tuple[Function, ...]:
    """The functions that may stand on an edge."""
    options = task.options
    return library(options.lib, options.exclude, options.functions)


def fewer_inputs(task: Task, trained: Sequence[Trained], share: float) -> Rewritten | None:
    """The table with the fewest inputs that loses nothing; None where nothing can be combined.

    The slopes of the best network propose; a network of the combined inputs must fit as well. Fewer inputs
    make better fits, and better fits show more combinations, so this goes on until nothing is proposed.
    """
    now = as_it_is(task.dataset)
    best = min(trained, key=lambda t: t.error)
    for _ in range(ROUNDS):
        single = one_left(now, best, functions_of(task))
        if single is None and best.noise:
            single = alone(now, best, functions_of(task))
        if single is not None:
            return single
        accepted: tuple[Rewritten, Trained] | None = None
        for proposal in proposals(now, best):
            fitted = best_on(task, proposal, best, share)
            if fitted is None or not as_good(fitted, best):
                continue
            if accepted is None or fitted.error < CLEARLY * accepted[1].error:
                accepted = proposal, fitted
            # Far from the law many a combination seems to do: the right one is known by how much better it fits.
            if accepted[1].error <= SPLINES:
                break
        if accepted is None:
            break
        now, best = accepted
        task.tell(f"in {', '.join(now.dataset.inputs)}", best.error)
        if len(now.dataset.inputs) == 1:
            break
    return now if len(now.dataset.inputs) < len(task.dataset.inputs) else None


def best_on(task: Task, proposal: Rewritten, best: Trained, share: float) -> Trained | None:
    """The best of a few shapes on a table of combined inputs, its error in units of the table itself."""
    inputs = len(proposal.dataset.inputs)
    tails = dict.fromkeys((*TRIED, best.shape.width.split(",", 1)[1]))
    shapes = [Shape(f"{inputs},{tail}") for tail in tails] if inputs > 1 else [Shape("1,1")]
    options = task.options
    if inputs == 1:  # one edge must hold what many held: its own error would count against it
        grid = min(options.refine[-1], len(proposal.dataset.y) // ROWS_EACH)
        options = options.model_copy(update={"grid": max(grid, options.grid)})
    inner = replace(task, dataset=proposal.dataset, options=options)
    fitted = min(train_all(inner, shapes, share), key=lambda t: t.error, default=None)
    return None if fitted is None else replace(fitted, error=fitted.error * proposal.unit)


def one_left(now: Rewritten, best: Trained, functions: tuple[Function, ...]) -> Rewritten | None:
    """The table with one number for all inputs that the slopes of a network suggest, if it does determine the target.

    That is asked of neighbouring rows: coarse splines would miss much of a number with a long tail.
    """
    slopes, x, y = slopes_of(now, best)
    allowed = NOISY if knows_noise(best) else COARSER**2 if best.error <= SPLINES else ROUGHLY**2
    most = allowed * missed(now, best)
    for found in numbers_in(slopes, x, y):
        number = np.prod(
            [x[i] ** p for i, p in zip(found.number.members, found.number.factors, strict=True)], axis=0
        )
        factor = np.prod([np.ones(len(y)), *(x[i] ** p for i, p in found.powers.items())], axis=0)
        if determines(number, now.dataset.y, factor, most):
            return simplest(found, now, functions)
    return None


def slopes_of(now: Rewritten, best: Trained) -> tuple[Array, Array, Array]:
    """Slopes (d, n) of a network of the derived table, its inputs (d, n) and its values (n,), in raw units."""
    dataset = now.dataset
    trained = best.version
    scale = scaling_of(trained.metadata)
    network, rows = network_of(trained), split(dataset, scale).everything.x
    with torch.no_grad():
        slopes = input_slopes(network, rows)[0].numpy() * scale.target_scale
        y = network(rows)[0].numpy() * scale.target_scale + scale.target_shift
    slopes = slopes / np.array(scale.input_scale)[:, None]
    x = np.ascontiguousarray(dataset.x.T)
    return slopes, x, y


def proposals(now: Rewritten, best: Trained) -> list[Rewritten]:
    """What the slopes of a network suggest: powers taken out of the target, inputs combined; all, then each kind."""
    slopes, x, y = slopes_of(now, best)
    powers = factors_in(slopes, x, y)
    divided = now.divided(powers) if powers else None
    first = dict(list(powers.items())[:1])
    clearest = now.divided(first) if len(powers) > 1 else None
    left = [i for i in range(len(x)) if i not in powers]
    found = found_in(slopes[left], x[left]) if len(left) > 1 else []
    tables = [divided.combined(found)] if divided is not None and found else []
    tables += [divided]
    whole = found_in(slopes, x) if len(x) > 1 else []
    tables += [clearest, *(now.combined(some) for some in (whole, whole[:1]) if some)]
    homogeneity = homogeneous_in(slopes, x, y)
    tables += [now.scaled(homogeneity)] if homogeneity is not None else []
    return [t for t in tables if t is not None]
