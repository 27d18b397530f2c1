"""From a table to a formula without a width: shapes in waves, the first that explains everything wins."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import Attempt, Trained, complete, train_shape
from kancli.search.pool import in_order
from kancli.search.shapes import waves
from kancli.stages.progress import Progress, Report

# Without a shape that converges: those whose held-out error is within this factor of the best are read.
COMPARABLE = 1.2
MOST_READ = 4
NEAR = 3.0
# Shares of the time: after which no more shapes are trained, and that reading one shape may take.
TRAINING = 0.5
LONGEST = 0.3


def fit(
    dataset: Dataset, options: FitOptions, *, seed: int, jobs: int, deadline: float, report: Report
) -> tuple[Attempt, tuple[Attempt, ...]]:
    """The best attempt and all attempts, in the order in which they were made.

    The result does not depend on `jobs` unless `deadline` (monotonic seconds) is reached. Raises FitError
    when not one shape could be turned into a formula in time.
    """
    began = time.monotonic()
    enough = began + TRAINING * (deadline - began)
    limit = LONGEST * (deadline - began)
    attempts: list[Attempt] = []
    trained: list[Trained] = []
    for number, shapes in enumerate(waves(len(dataset.inputs)), start=1):
        new = train_wave(shapes, dataset, options, seed, jobs, enough, report)
        trained += new
        held = [t for t in new if t.holds]
        for attempt in read_wave(held, dataset, options, seed, jobs, deadline, limit, report):
            attempts.append(attempt)
            if attempt.exact:
                return attempt, tuple(attempts)
        if time.monotonic() >= enough:
            break
        report(Progress("fit", number, None, None, None, f"{len(trained)} shapes, none exact yet"))
    read = {a.width for a in attempts}
    rest = sorted((t for t in trained if t.width not in read), key=lambda t: t.error)
    best = min((t.error for t in trained), default=0.0)
    likely = [t for t in rest if t.error <= COMPARABLE * best][:MOST_READ] or rest[:1]
    attempts += read_wave(likely, dataset, options, seed, jobs, deadline, limit, report)
    if not attempts and trained:
        # Whatever the time: the simplest shape that comes near the best, with single functions only.
        near = [t for t in trained if t.error <= NEAR * best]
        attempts = [complete(near[0], dataset, options, seed, quick=True)]
    if not attempts:
        raise FitError("no formula was found in the time allowed", "give it more with --time-limit")
    return min(attempts, key=lambda a: a.bits), tuple(attempts)


def train_wave(
    shapes: Sequence[str],
    dataset: Dataset,
    options: FitOptions,
    seed: int,
    jobs: int,
    deadline: float,
    report: Report,
) -> list[Trained]:
    """Train the shapes of a wave; those that diverge or run out of time are left out."""
    tasks = [partial(train_shape, width, dataset, options, seed) for width in shapes]
    found = []
    for outcome in in_order(tasks, jobs=jobs, deadline=deadline):
        if outcome.result is None:
            report(Progress("fit", 0, None, None, None, f"{shapes[outcome.index]}: {outcome.failure}"))
            continue
        t = outcome.result
        found.append(t)
        word = "converges" if t.holds else "does not converge"
        report(Progress("fit", 0, None, t.error**2, 1 - t.error**2, f"{t.width} {word}"))
    return found


def read_wave(
    trained: Sequence[Trained],
    dataset: Dataset,
    options: FitOptions,
    seed: int,
    jobs: int,
    deadline: float,
    limit: float,
    report: Report,
) -> list[Attempt]:
    """Turn trained shapes into formulas, up to and including the first exact one."""
    tasks = [partial(complete, t, dataset, options, seed) for t in trained]
    found: list[Attempt] = []
    outcomes = in_order(tasks, jobs=jobs, deadline=deadline, limit=limit)
    try:
        for outcome in outcomes:
            if outcome.result is None:
                width = trained[outcome.index].width
                report(Progress("fit", 0, None, None, None, f"{width}: {outcome.failure}"))
                continue
            attempt = outcome.result
            found.append(attempt)
            report(Progress("fit", 0, None, attempt.error**2, attempt.facts["r2"], attempt.facts["formula"]))
            if attempt.exact:
                break
    finally:
        outcomes.close()  # type: ignore[attr-defined]
    return found
