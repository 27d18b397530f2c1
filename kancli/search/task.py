"""One task of a search: a table, what is asked for, and the time there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.processes import in_order
from kancli.search.shape import Merge, Shape
from kancli.stages.progress import Progress, Report

# Share of the time that one unit of work in a process of its own may take.
LONGEST = 0.25

Result = TypeVar("Result")


@dataclass(frozen=True)
class Budget:
    """The time of a search, from `began` to `deadline` (monotonic seconds)."""

    began: float
    deadline: float

    @property
    def whole(self) -> float:
        """All its seconds."""
        return self.deadline - self.began

    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def at(self, share: float) -> float:
        """The moment at which this share of it is over."""
        return self.began + share * self.whole

    def over(self, share: float) -> bool:
        """Whether this share of it is over."""
        return time.monotonic() > self.at(share)


@dataclass(frozen=True)
class Task:
    """What every proposer of one search gets.

    `units`: units of columns as a recipe gives them. `merge`: groups of inputs that enter through one node each.
    `blurred`: what networks leave of the target is noise, so that splines of a single input do not show all there is.
    """

    dataset: Dataset
    options: FitOptions
    seed: int
    jobs: int
    budget: Budget
    report: Report
    units: Mapping[str, str] = field(default_factory=dict)
    merge: Merge = ()
    blurred: bool = False

    @property
    def inputs(self) -> int:
        """How many inputs the table has."""
        return len(self.dataset.inputs)

    def each(
        self, names: Sequence[Shape], units: Sequence[Callable[[], Result]], deadline: float
    ) -> Iterator[Result]:
        """Results of the units of work that had one, in their order; of the others the progress report tells."""
        limit = LONGEST * self.budget.whole
        with closing(in_order(units, jobs=self.jobs, deadline=deadline, limit=limit)) as outcomes:
            for outcome in outcomes:
                if outcome.result is None:
                    self.tell(f"{names[outcome.index]}: {outcome.failure}")
                else:
                    yield outcome.result

    def tell(self, message: str, error: float | None = None) -> None:
        """One line of progress."""
        loss = None if error is None else error**2
        self.report(Progress("fit", 0, None, loss, None if loss is None else 1 - loss, message))
