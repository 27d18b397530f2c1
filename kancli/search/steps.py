"""The steps of a search, each over several shapes at once: train, slim, read."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.attempt import EXACT, Attempt, Effort, Slim, Trained, read, slim, train_shape
from kancli.search.networks.architectures import Shape
from kancli.search.powers.read import beyond_doubt, read_plain_powers, read_powers, roots, suits
from kancli.search.processes import in_order
from kancli.stages.progress import Progress, Report

# Share of the time that one shape may take in one step.
LONGEST = 0.25
# Share of that after which a reading comes to an end by itself.
ENOUGH = 0.6
# Graphs of a wave that are read thoroughly at most.
MOST_READ = 2

Result = TypeVar("Result")


@dataclass(frozen=True)
class Search:
    """What every step of one search needs. `began`, `deadline`: monotonic seconds; `found` hears of attempts."""

    dataset: Dataset
    options: FitOptions
    seed: int
    jobs: int
    report: Report
    found: Callable[[Attempt], None]
    began: float
    deadline: float

    def each(
        self, shapes: Sequence[Shape], tasks: Sequence[Callable[[], Result]], deadline: float
    ) -> Iterator[Result]:
        """Results of the tasks that had one, in order; the others are told of."""
        limit = LONGEST * (self.deadline - self.began)
        outcomes = in_order(tasks, jobs=self.jobs, deadline=deadline, limit=limit)
        try:
            for outcome in outcomes:
                if outcome.result is None:
                    self.tell(f"{shapes[outcome.index]}: {outcome.failure}")
                else:
                    yield outcome.result
        finally:
            outcomes.close()  # type: ignore[attr-defined]

    def tell(self, message: str, error: float | None = None) -> None:
        """One line of progress."""
        loss = None if error is None else error**2
        self.report(Progress("fit", 0, None, loss, None if loss is None else 1 - loss, message))

    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()


def in_powers(search: Search) -> list[Attempt]:
    """Attempts without a network: sums of products of powers that explain everything, up to the first exact one.

    Where there is noise, many a sum explains everything: then also those with plain exponents, of which the
    shortest is more likely to be the law.
    """
    if not suits(search.dataset, search.options):
        return []
    if len(search.dataset.inputs) == 1:
        return plain_powers(search)
    made: list[Attempt] = []
    for found in each_root(search, read_powers, roots(search.dataset)):
        made += found
        if any(beyond_doubt(a) for a in found):
            return made
        if any(a.noise and a.error > EXACT for a in found):
            break
    if any(a.noise and a.error > EXACT for a in made):
        made += plain_powers(search)
    return made


def plain_powers(search: Search) -> list[Attempt]:
    """Sums with plain exponents for each power of the target, up to the first that leaves no doubt."""
    made: list[Attempt] = []
    for found in each_root(search, read_plain_powers, roots(search.dataset, noisy=True)):
        made += found
        if any(beyond_doubt(a) for a in found):
            break
    return made


def each_root(
    search: Search,
    read: Callable[[Dataset, FitOptions, int, Fraction], list[Attempt]],
    several: Sequence[Fraction],
) -> Iterator[list[Attempt]]:
    """What there is to read for each of several powers of the target."""
    tasks = [partial(read, search.dataset, search.options, search.seed, root) for root in several]
    shape = Shape(f"{len(search.dataset.inputs)},1p,1")
    for found in search.each([shape] * len(tasks), tasks, search.deadline):
        for attempt in found:
            search.found(attempt)
            search.tell(str(attempt.facts["formula"]), attempt.error)
        yield found


def train_all(search: Search, shapes: Sequence[Shape], deadline: float) -> list[Trained]:
    """Train several shapes; those that diverge or run out of time are left out."""
    tasks = [partial(train_shape, shape, search.dataset, search.options, search.seed) for shape in shapes]
    found = []
    for t in search.each(shapes, tasks, deadline):
        found.append(t)
        search.tell(f"trained {t.shape}" + (", may hold it" if t.hopeful else ""), t.error)
    return found


def slim_all(search: Search, trained: Sequence[Trained]) -> list[Slim]:
    """Prune and refine; the smallest graph first."""
    tasks = [partial(slim, t, search.dataset, search.options, search.seed) for t in trained]
    found = []
    for s in search.each([t.shape for t in trained], tasks, search.deadline):
        found.append(s)
        search.tell(f"{s.shape}: {s.edges} edges, {'converges' if s.holds else 'does not converge'}", s.error)
    return sorted(found, key=lambda s: s.edges)


def read_all(search: Search, slims: Sequence[Slim], effort: Effort, grace: float = 0.0) -> list[Attempt]:
    """Turn slim shapes into formulas, up to and including the first that is plain and explains everything.

    `grace`: seconds beyond the deadline.
    """
    seconds = ENOUGH * min(LONGEST * (search.deadline - search.began), max(search.left(), 0.0) + grace)
    how: dict[str, Any] = {"effort": effort, "seconds": seconds}
    tasks = [partial(read, s, search.dataset, search.options, search.seed, **how) for s in slims]
    made: list[Attempt] = []
    for attempt in search.each([s.shape for s in slims], tasks, search.deadline + grace):
        made.append(attempt)
        search.found(attempt)
        search.tell(str(attempt.facts["formula"]), attempt.error)
        if attempt.explains and attempt.plain:
            break
    return made


def read_wave(
    search: Search, slims: Sequence[Slim], put_off: Sequence[Slim] = (), *, thorough: bool = True
) -> list[Attempt]:
    """A first look at every graph; if that finds no law, a thorough one at the most promising of them.

    `put_off`: graphs of an earlier wave that have only been looked at; the best of them is read after the
    best of these. Not `thorough`: only the first look.
    """
    first = read_all(search, slims, "first")
    if not thorough or any(a.explains and a.plain for a in first):
        return first
    bits = {a.shape: a.bits for a in first}
    order = sorted(slims, key=lambda s: bits.get(s.shape, math.inf))
    chosen = [*order[: MOST_READ - len(put_off[:1])], *put_off[:1]]
    return first + read_all(search, chosen, "full")
