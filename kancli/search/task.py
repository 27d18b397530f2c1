"""One task of a search: a table, what is asked for, and the work that may be spent on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TypeVar

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.clock import Clock, Record
from kancli.search.processes import in_order
from kancli.search.trained import Merge, Shape
from kancli.stages.progress import Progress, Report
from kancli.work import add, spent

# Work of a search per second of its time limit: what two cores do. Fewer or slower cores end it by the clock.
PER_SECOND = 2.0
# Share of a search's work that one unit in a process of its own may spend.
LONGEST = 0.125

Result = TypeVar("Result")


@dataclass(frozen=True)
class Budget:
    """The work of a search, in units of `kancli.work`, from what had been spent when it `began`; and the clock that
    ends it at the latest."""

    began: float
    whole: float
    clock: Clock

    @staticmethod
    def of_seconds(began: float, seconds: float, again: Sequence[int] | None = None) -> Budget:
        """That of a search with a time limit, from a moment in monotonic seconds; `again` as in Record."""
        return Budget(spent(), PER_SECOND * seconds, Clock(began, began + seconds, Record(again)))

    def shortened(self, share: float) -> Budget:
        """The budget of a task that has only this share of it."""
        return replace(self, whole=share * self.whole, clock=self.clock.shortened(share))

    def left(self, share: float = 1.0) -> float:
        """Units that may be spent until this share of the work is done."""
        return max(self.began + share * self.whole - spent(), 0.0)

    def over(self, share: float) -> bool:
        """Whether this share of the work is done."""
        return self.left(share) == 0.0


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
        self, names: Sequence[Shape], units: Sequence[Callable[[], Result]], share: float = 1.0
    ) -> Iterator[Result]:
        """Results of the units of work that had one, in their order; the others appear in the progress report.

        None spends more than what is left until `share` of the work is done. Raises TimeIsUpError where the clock
        ends the search.
        """
        clock, limit = self.budget.clock, min(LONGEST * self.budget.whole, self.budget.left(share))
        with closing(in_order(units, jobs=self.jobs, deadline=clock.alarm, limit=limit)) as outcomes:
            while True:
                clock.check()
                try:
                    outcome = next(outcomes, None)
                except TimeoutError:
                    clock.interrupted()
                if outcome is None:
                    return
                add(outcome.work)
                if outcome.died:
                    self.tell(f"{names[outcome.index]}: its process {outcome.died}: started again")
                if outcome.result is None:
                    self.tell(f"{names[outcome.index]}: {outcome.failure}")
                else:
                    yield outcome.result

    def on(self, clock: Clock) -> Task:
        """The same task by another clock."""
        return replace(self, budget=replace(self.budget, clock=clock))

    def tell(self, message: str, error: float | None = None) -> None:
        """One line of progress."""
        loss = None if error is None else error * error
        self.report(Progress("fit", 0, None, loss, None if loss is None else 1 - loss, message))
