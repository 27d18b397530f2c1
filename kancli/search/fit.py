"""From a table to a formula without a width: shapes in waves, the first that explains everything wins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import Attempt, Slim, Trained, read, slim, train_shape
from kancli.search.pool import in_order
from kancli.search.shapes import waves
from kancli.stages.progress import Progress, Report

# A shape whose held-out error is above this share of the target's deviation is not worth pruning.
PROMISING = 0.03
# When no shape converges, those within this factor of the best error are read, this many at most.
COMPARABLE = 1.2
# A pruned graph with more edges an input than this is hard to read: richer shapes may say the same in fewer.
EDGES_PER_INPUT = 2
MOST_READ = 4
# Shares of the time: after which no more shapes are trained, and that one shape may take.
TRAINING = 0.6
LONGEST = 0.35
# Seconds beyond the limit for a last, plain formula when nothing was found within it.
GRACE = 3.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class Search:
    """What every step of one search needs."""

    dataset: Dataset
    options: FitOptions
    seed: int
    jobs: int
    report: Report
    limit: float

    def each(
        self, names: Sequence[str], tasks: Sequence[Callable[[], Result]], deadline: float
    ) -> Iterator[Result]:
        """Results of the tasks that had one, in order; the others are told of."""
        outcomes = in_order(tasks, jobs=self.jobs, deadline=deadline, limit=self.limit)
        try:
            for outcome in outcomes:
                if outcome.result is None:
                    self.tell(f"{names[outcome.index]}: {outcome.failure}")
                else:
                    yield outcome.result
        finally:
            outcomes.close()  # type: ignore[attr-defined]

    def tell(self, message: str, error: float | None = None) -> None:
        """One line of progress."""
        loss = None if error is None else error**2
        self.report(Progress("fit", 0, None, loss, None if loss is None else 1 - loss, message))


def fit(
    dataset: Dataset, options: FitOptions, *, seed: int, jobs: int, deadline: float, report: Report
) -> tuple[Attempt, tuple[Attempt, ...]]:
    """The best attempt and all attempts, in the order in which they were made.

    The result does not depend on `jobs` unless `deadline` (monotonic seconds) is reached. Raises FitError
    when not one shape could be trained in time.
    """
    began = time.monotonic()
    enough = began + TRAINING * (deadline - began)
    search = Search(dataset, options, seed, jobs, report, LONGEST * (deadline - began))
    attempts: list[Attempt] = []
    trained: list[Trained] = []
    slims: list[Slim] = []
    for shapes in waves(len(dataset.inputs)):
        new = train_all(search, shapes, enough)
        trained += new
        wave = slim_all(search, [t for t in new if t.error <= PROMISING], deadline)
        slims += wave
        small = [s for s in wave if s.holds and s.edges <= EDGES_PER_INPUT * len(dataset.inputs) + 2]
        for attempt in read_all(search, small, deadline):
            attempts.append(attempt)
            if attempt.exact:
                return attempt, tuple(attempts)
        if time.monotonic() >= enough:
            break
    attempts += fall_back(search, trained, slims, {a.width for a in attempts}, deadline)
    if not attempts:
        raise FitError("no shape could be trained in the time allowed", "give it more with --time-limit")
    return min(attempts, key=lambda a: a.bits), tuple(attempts)


def train_all(search: Search, shapes: Sequence[str], deadline: float) -> list[Trained]:
    """Train the shapes of a wave; those that diverge or run out of time are left out."""
    tasks = [partial(train_shape, width, search.dataset, search.options, search.seed) for width in shapes]
    found = []
    for t in search.each(shapes, tasks, deadline):
        found.append(t)
        search.tell(f"trained {t.width}", t.error)
    return found


def slim_all(search: Search, trained: Sequence[Trained], deadline: float) -> list[Slim]:
    """Prune and refine; the smallest graph first."""
    tasks = [partial(slim, t, search.dataset, search.options, search.seed) for t in trained]
    found = []
    for s in search.each([t.width for t in trained], tasks, deadline):
        found.append(s)
        search.tell(f"{s.width}: {s.edges} edges, {'converges' if s.holds else 'does not converge'}", s.error)
    return sorted(found, key=lambda s: s.edges)


def read_all(search: Search, slims: Sequence[Slim], deadline: float) -> list[Attempt]:
    """Turn slim shapes into formulas, up to and including the first exact one."""
    tasks = [partial(read, s, search.dataset, search.options, search.seed) for s in slims]
    found: list[Attempt] = []
    for attempt in search.each([s.width for s in slims], tasks, deadline):
        found.append(attempt)
        search.tell(str(attempt.facts["formula"]), attempt.error)
        if attempt.exact:
            break
    return found


def fall_back(
    search: Search, trained: Sequence[Trained], slims: Sequence[Slim], read_already: set[str], deadline: float
) -> list[Attempt]:
    """No small graph explains everything: noise, or a law beyond the shapes. Read those that come nearest."""
    best = min((t.error for t in trained), default=0.0)
    known = {s.width for s in slims}
    near = sorted((t for t in trained if t.error <= COMPARABLE * best), key=lambda t: t.error)
    more = slim_all(search, [t for t in near if t.width not in known][:MOST_READ], deadline)
    likely = [s for s in (*slims, *more) if s.width not in read_already]
    lowest = min((s.error for s in likely), default=0.0)
    likely = [s for s in likely if s.holds or s.error <= COMPARABLE * lowest]
    found = read_all(search, sorted(likely, key=lambda s: s.edges)[:MOST_READ], deadline)
    if found or read_already or not trained:
        return found
    # Whatever the time: the nearest shape with single functions only, or else a plain additive one.
    tasks = [
        partial(read, s, search.dataset, search.options, search.seed, quick=True) for s in near_ones(slims)
    ]
    quick = list(search.each([s.width for s in near_ones(slims)], tasks, time.monotonic() + GRACE))
    if quick:
        return quick[:1]
    plain = search.options.model_copy(
        update={"lib": ("x", "x^2"), "exclude": (), "functions": {}, "snap": False}
    )
    return [
        read(
            slim(trained[0], search.dataset, plain, search.seed),
            search.dataset,
            plain,
            search.seed,
            quick=True,
        )
    ]


def near_ones(slims: Sequence[Slim]) -> list[Slim]:
    """The slim shape with the smallest error, if there is any."""
    return sorted(slims, key=lambda s: s.error)[:1]
