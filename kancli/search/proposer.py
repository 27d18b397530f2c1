"""What a proposer is: the one interface of everything that may lead to a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.edges import edge_rows
from kancli.search.formula_network import network_of
from kancli.search.ledger import Ledger
from kancli.search.task import Task
from kancli.search.trained import Shape
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import finish


@dataclass(frozen=True)
class Refused:
    """Why something that was tried led to no candidate: one line, shown with -v."""

    reason: str


@dataclass(frozen=True)
class Rewriting:
    """A smaller task, and the way back from its candidates to those of the table itself.

    `only` names the proposers that go on in it; None: all of them, so that nothing is left to try on the table
    itself where it succeeds. `keep`: of each batch, or where `at_end` of all, so many candidates with the shortest
    descriptions are brought back; None: all.
    """

    task: Task
    back: Callable[[Candidate], Candidate | Refused]
    only: tuple[str, ...] | None = None
    keep: int | None = None
    at_end: bool = False


Proposal = tuple[Candidate | Refused, ...] | Rewriting
"""What one unit of work led to: candidates, or reasons why there are none, or a smaller task; () for nothing."""


class Proposer(Protocol):
    """One idea how to come to a formula.

    `provisional`: what leaves more than rounding is judged at the end of the round, beside what networks make of it.
    """

    name: ClassVar[str]
    provisional: ClassVar[bool]

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        """Proposals for a task, one per unit of work and at most one per round, the cheapest first.

        The ledger holds what the search knows by then. The search may stop between any two of them.
        """
        ...


def announce(made: Sequence[Candidate], task: Task, ledger: Ledger) -> None:
    """Candidates go into the ledger before they are judged, and into the progress: an interrupt loses none."""
    for candidate in made:
        ledger.heard.append(candidate)
        task.tell(candidate.formula.text, candidate.error)


def fitted_candidate(
    expression: Expression, task: Task, stage: str, options: Mapping[str, Any] | None = None
) -> Candidate | Refused:
    """A formula for the table of a task, without a network: its free constants fitted and made exact, simplified.

    `stage` and `options` name its version. Refused where it has no value on some row.
    """
    table = task.dataset
    try:
        formula = finish(
            expression,
            table.x,
            table.y,
            snapping=task.options.snap,
            seconds=task.options.simplify_seconds,
            **columns_of(table),
        )
    except FitError as problem:
        return Refused(f"{stage}: {problem.message}")
    quality = quality_of(formula, table)
    whole = Candidate(
        formula,
        quality,
        "form",
        Shape(f"{task.inputs},1"),
        without_network(stage, table, task.seed, options or {}),
    )
    return with_network(whole, table) if whole.explains else whole


def with_network(candidate: Candidate, table: Dataset) -> Candidate:
    """A candidate with the width and the edges of the network that its formula is, where it is one."""
    expression = candidate.formula.expression
    found = network_of(expression, table.x)
    if found is None:
        return candidate
    width, edges = found
    with np.errstate(all="ignore"):
        residual = table.y - np.broadcast_to(evaluate(expression, table.x), len(table.y))
    base = replace(candidate.base, metadata={**candidate.base.metadata, "width": width})
    rows = edge_rows(edges, residual, table.weight)
    return replace(candidate, shape=Shape(width), base=base, edges=tuple(rows))
