"""From a table to a formula without a width: shapes in waves, the first that explains everything wins."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import Attempt, Effort, Slim, Trained, read, slim, train_shape
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
LONGEST = 0.25
# Seconds beyond the limit for a last, plain formula when nothing was found within it.
GRACE = 3.0

# A wave that shortens the description by fewer bits than this was not worth its time.
WORTHWHILE = 10.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class Search:
    """What every step of one search needs."""

    dataset: Dataset
    options: FitOptions
    seed: int
    jobs: int
    report: Report
    found: Callable[[Attempt], None]
    began: float
    deadline: float

    def each(
        self, names: Sequence[str], tasks: Sequence[Callable[[], Result]], deadline: float
    ) -> Iterator[Result]:
        """Results of the tasks that had one, in order; the others are told of."""
        outcomes = in_order(
            tasks, jobs=self.jobs, deadline=deadline, limit=LONGEST * (self.deadline - self.began)
        )
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
    dataset: Dataset,
    options: FitOptions,
    *,
    seed: int,
    jobs: int,
    deadline: float,
    report: Report,
    found: Callable[[Attempt], None] = lambda _: None,
) -> tuple[Attempt, tuple[Attempt, ...]]:
    """The best attempt and all attempts, in the order in which they were made.

    `found` hears of every attempt as it is made: what there is when the search is interrupted. The result does
    not depend on `jobs` unless `deadline` (monotonic seconds) is reached. Raises FitError when not one
    shape could be trained in time.
    """
    began = time.monotonic()
    enough = began + TRAINING * (deadline - began)
    search = Search(dataset, options, seed, jobs, report, found, began, deadline)
    attempts: list[Attempt] = []
    trained: list[Trained] = []
    slims: list[Slim] = []
    for shapes in waves(len(dataset.inputs)):
        before = best_of(attempts) if attempts else None
        new = train_all(search, shapes, enough)
        trained += new
        wave = slim_all(search, [t for t in new if t.noise or t.error <= PROMISING])
        slims += wave
        small = [s for s in wave if s.holds and s.edges <= EDGES_PER_INPUT * len(dataset.inputs) + 2]
        attempts += read_wave(search, small)
        if attempts and is_enough(best_of(attempts), before):
            return best_of(attempts), tuple(attempts)
        if time.monotonic() >= enough:
            break
    attempts += fall_back(search, trained, slims, attempts)
    if not attempts:
        raise FitError("no shape could be trained in the time allowed", "give it more with --time-limit")
    return best_of(attempts), tuple(attempts)


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """The attempt with the shortest description of the data."""
    return min(attempts, key=lambda a: a.bits)


def is_enough(best: Attempt, before: Attempt | None) -> bool:
    """Whether richer shapes can be left alone: a plain formula explains everything, or the last wave of
    shapes has found nothing shorter than one that explains everything."""
    if best.explains and best.plain:
        return True
    return before is not None and before.explains and best.bits > before.bits - WORTHWHILE


def read_wave(search: Search, slims: Sequence[Slim]) -> list[Attempt]:
    """A first look at every graph; if that finds no law, a thorough one at the most promising of them."""
    first = read_all(search, slims, "first")
    if any(a.explains and a.plain for a in first):
        return first
    bits = {a.width: a.bits for a in first}
    order = sorted(slims, key=lambda s: bits.get(s.width, math.inf))
    return first + read_all(search, order[:MOST_READ], "full")


def train_all(search: Search, shapes: Sequence[str], deadline: float) -> list[Trained]:
    """Train the shapes of a wave; those that diverge or run out of time are left out."""
    tasks = [partial(train_shape, width, search.dataset, search.options, search.seed) for width in shapes]
    found = []
    for t in search.each(shapes, tasks, deadline):
        found.append(t)
        search.tell(f"trained {t.width}", t.error)
    return found


def slim_all(search: Search, trained: Sequence[Trained]) -> list[Slim]:
    """Prune and refine; the smallest graph first."""
    tasks = [partial(slim, t, search.dataset, search.options, search.seed) for t in trained]
    found = []
    for s in search.each([t.width for t in trained], tasks, search.deadline):
        found.append(s)
        search.tell(f"{s.width}: {s.edges} edges, {'converges' if s.holds else 'does not converge'}", s.error)
    return sorted(found, key=lambda s: s.edges)


def read_all(search: Search, slims: Sequence[Slim], effort: Effort, grace: float = 0.0) -> list[Attempt]:
    """Turn slim shapes into formulas, up to and including the first that is plain and explains everything.

    `grace`: seconds beyond the deadline.
    """
    tasks = [partial(read, s, search.dataset, search.options, search.seed, effort=effort) for s in slims]
    made: list[Attempt] = []
    for attempt in search.each([s.width for s in slims], tasks, search.deadline + grace):
        made.append(attempt)
        search.found(attempt)
        search.tell(str(attempt.facts["formula"]), attempt.error)
        if attempt.explains and attempt.plain:
            break
    return made


def fall_back(
    search: Search, trained: Sequence[Trained], slims: Sequence[Slim], attempts: Sequence[Attempt]
) -> list[Attempt]:
    """No small graph explains everything: a law beyond the shapes. Read those that come nearest."""
    best = min((t.error for t in trained), default=0.0)
    known = {s.width for s in slims}
    near = sorted((t for t in trained if t.error <= COMPARABLE * best), key=lambda t: t.error)
    more = slim_all(search, [t for t in near if t.width not in known][:MOST_READ])
    done = {a.width for a in attempts if a.effort == "full"}
    likely = [s for s in (*slims, *more) if s.width not in done]
    lowest = min((s.error for s in likely), default=0.0)
    likely = [s for s in likely if s.holds or s.error <= COMPARABLE * lowest]
    made = read_wave(search, sorted(likely, key=lambda s: s.edges)[:MOST_READ])
    if made or attempts or not trained:
        return made
    # Whatever the time: the nearest shape with single functions only, or else a plain additive one.
    made = read_all(search, sorted(slims, key=lambda s: s.error)[:1], "plain", GRACE)
    if made:
        return made
    plain = search.options.model_copy(
        update={"lib": ("x", "x^2"), "exclude": (), "functions": {}, "snap": False}
    )
    last = slim(trained[0], search.dataset, plain, search.seed)
    return [read(last, search.dataset, plain, search.seed, effort="plain")]
