"""Progress of a stage on standard error: a live line on a terminal, elsewhere a plain one every ten seconds."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from kancli.cli.output.aside import ASIDE, Aside
from kancli.cli.output.figures import duration, near_one
from kancli.cli.signals import check
from kancli.stages.progress import Progress, Report, silent
from kancli.visible import one_line

if TYPE_CHECKING:
    from kancli.cli.output.streams import Streams

EVERY = 10.0
"""Seconds between two plain lines."""
EVENTS_EVERY = 0.5
"""The same between two steps reported to a program."""


@dataclass
class Pace:
    """When each stage began, and an estimate of the time left."""

    clock: Callable[[], float] = monotonic
    stage: str = ""
    began: float = 0.0
    first: int = 0

    def left(self, progress: Progress) -> float | None:
        """Seconds left at the mean pace so far; None while nothing is known."""
        if progress.stage != self.stage or progress.step < self.first:
            self.stage, self.began, self.first = progress.stage, self.clock(), progress.step
        done = progress.step - self.first
        if progress.total is None or done <= 0:
            return None
        return (self.clock() - self.began) / done * max(progress.total - progress.step, 0)


@dataclass
class PlainLines:
    """A report for a stream that is not a terminal: at most one line every ten seconds."""

    say: Callable[[str], None]
    clock: Callable[[], float] = monotonic
    last: float = field(init=False)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.clock()
        self.pace = Pace(self.clock)

    def __call__(self, progress: Progress) -> None:
        left = self.pace.left(progress)
        now = self.clock()
        if now - self.last >= EVERY and not progress.final:
            self.last = now
            self.say(line(progress, left))


@dataclass
class Events:
    """A report for a program: one JSON object per line, with every message, and steps at most twice per second."""

    event: Callable[[dict[str, Any]], None]
    clock: Callable[[], float] = monotonic
    last: float = -math.inf
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.clock)

    def __call__(self, progress: Progress) -> None:
        left, now = self.pace.left(progress), self.clock()
        if progress.message or progress.final or now - self.last >= EVENTS_EVERY:
            self.last = now
            self.event({"event": "progress", **vars(progress), "seconds_left": left})


def line(progress: Progress, left: float | None) -> str:
    """`train: step 12/50, loss 1.2e-05, r² 0.99987, 8 s left`; a search has a message in place of the steps."""
    counted = progress.total is not None or progress.step or not progress.message
    step = f"step {progress.step}" + (f"/{progress.total}" if progress.total is not None else "")
    parts = [step, *_figures(progress)] if counted else _figures(progress)
    if left is not None:
        parts.append(f"{duration(left)} left")
    if progress.message:
        parts.append(progress.message)
    return f"{progress.stage}: {', '.join(parts)}"


@contextmanager
def watching(streams: Streams) -> Iterator[Report]:
    """The report for this invocation, in use as long as the context lasts."""
    if streams.quiet:
        yield _checked(silent)
    elif streams.events:
        yield _checked(Events(streams.event))
    elif streams.terminal(ASIDE):
        with _live(streams) as report:
            yield _checked(report)
    else:
        yield _checked(PlainLines(streams.remark))


def _checked(report: Report) -> Report:
    """A report that also ends the stage if a signal was lost earlier."""

    def checked(progress: Progress) -> None:
        check()
        report(progress)

    return checked


@contextmanager
def _live(streams: Streams) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    pace = Pace()
    console = streams.console(Aside(sys.stderr))
    columns = (
        TextColumn("{task.description:<9}", markup=False),
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rest]}", markup=False),  # a column may be called [bold]
    )
    with Bars(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        tasks: dict[str, object] = {}

        def report(progress: Progress) -> None:
            left = pace.left(progress)
            parts = _figures(progress)
            if left is not None and not progress.final:
                parts.append(f"{duration(left)} left")
            if progress.message:
                parts.append(progress.message)
            rest = one_line("  ".join(parts))
            if progress.stage not in tasks:
                for task in list(tasks):
                    bars.remove_task(tasks.pop(task))  # type: ignore[arg-type]
                tasks[progress.stage] = bars.add_task(progress.stage, total=progress.total, rest=rest)
            bars.update(
                tasks[progress.stage],  # type: ignore[arg-type]
                completed=progress.step,
                total=progress.total,
                rest=rest,
            )

        yield report


def _figures(progress: Progress) -> list[str]:
    figures = []
    if progress.loss is not None:
        figures.append(f"loss {progress.loss:.3g}")
    if progress.r2 is not None:
        figures.append(f"r² {near_one(progress.r2)}")
    return figures
