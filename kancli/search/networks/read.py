"""Reading formulas off slim shapes: a first look at each, a thorough one at the most promising."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, quality_of
from kancli.search.effort import Effort, symbolify_options
from kancli.search.ledger import Ledger
from kancli.search.networks.architectures import FEW
from kancli.search.networks.slim import slim_all
from kancli.search.task import LONGEST, Task
from kancli.search.trained import Slim
from kancli.stages.progress import silent
from kancli.stages.reading.read import read_formula
from kancli.work import spent

# Share of the work of one unit after which a reading comes to an end by itself.
ENOUGH = 0.6
# Graphs of a round that are read thoroughly at most.
MOST_READ = 2
# A pruned graph with more edges per input than this is hard to read: richer shapes may hold the same in fewer.
EDGES_PER_INPUT, MORE_EDGES = 2, 4
# Of so few inputs, also graphs that do not converge are looked at: the law may be among them, its splines hindered by
# a root's singularity. Graphs of a round that are looked at, at most.
MOST_LOOKS = 8


def read(
    slim: Slim,
    dataset: Dataset,
    options: FitOptions,
    *,
    effort: Effort = "full",
    most: float = math.inf,
) -> Candidate:
    """Symbolify a slim shape; after so much work, come to an end with what has been found."""
    end = spent() + most
    reading = read_formula(
        slim.history[-1],
        dataset,
        symbolify_options(options, effort),
        report=silent,
        expired=lambda: spent() >= end,
    )
    if reading.formula is None:  # no option of a search leaves splines
        raise FitError("some edges stayed splines")
    return Candidate(
        reading.formula,
        quality_of(reading.formula, dataset),
        "network",
        slim.shape,
        reading.base,
        slim.history,
        reading.others,
        reading.edges,
        reading.remarks,
        effort,
    )


def read_all(task: Task, ledger: Ledger, slims: Sequence[Slim], effort: Effort) -> list[Candidate]:
    """Turn slim shapes into formulas, up to and including the first that is plain and explains everything."""
    how: dict[str, Any] = {"effort": effort, "most": ENOUGH * LONGEST * task.budget.whole}
    units = [partial(read, s, task.dataset, task.options, **how) for s in slims]
    made: list[Candidate] = []
    for candidate in task.each([s.shape for s in slims], units):
        made.append(candidate)
        ledger.heard.append(candidate)
        task.tell(candidate.formula.text, candidate.error)
        if candidate.explains and candidate.plain:
            break
    return made


def read_best(
    task: Task, ledger: Ledger, slims: Sequence[Slim], put_off: Sequence[Slim] = (), *, thorough: bool = True
) -> list[Candidate]:
    """A first look at every graph; if that finds no law, a thorough one at the most promising of them.

    `put_off`: graphs of an earlier round that have only been looked at; the best of them is read after the
    best of these. Not `thorough`: only the first look.
    """
    first = read_all(task, ledger, slims, "first")
    if not thorough or any(c.explains and c.plain for c in first):
        return first
    bits = {c.shape: c.bits for c in first}
    order = sorted(slims, key=lambda s: bits.get(s.shape, math.inf))
    chosen = [*order[: MOST_READ - len(put_off[:1])], *put_off[:1]]
    return first + read_all(task, ledger, chosen, "full")


def read_promising(
    task: Task, ledger: Ledger, put_off: Sequence[Slim], *, thorough: bool
) -> tuple[list[Candidate], list[Slim]]:
    """Candidates read off those of this round's networks that may hold the law; and what is put off, best first."""
    # Of one input the points themselves are read, whatever the splines make of them.
    alone = task.inputs == 1
    slims = slim_all(task, [t for t in ledger.fresh if t.hopeful or alone], ledger.slims)
    most = EDGES_PER_INPUT * task.inputs + MORE_EDGES
    readable = [s for s in slims if (s.edges <= most and (s.holds or task.inputs <= FEW)) or alone]
    readable = sorted(readable, key=lambda s: (not s.holds, s.edges, s.error))[:MOST_LOOKS]
    made = read_best(task, ledger, readable, put_off, thorough=thorough)
    bits = {c.shape: c.bits for c in made}
    left = [] if thorough else sorted(readable, key=lambda s: bits.get(s.shape, math.inf))
    return made, left
