"""Networks as proposers: training, reading what was trained, and the last resort.

What needs torch is imported when a proposer's turn comes: a law that is found before costs no second for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from kancli.search.candidate import Candidate
from kancli.search.clock import TimeIsUpError
from kancli.search.ledger import Ledger
from kancli.search.networks.architectures import merged_waves, waves
from kancli.search.proposer import Proposal
from kancli.search.task import Task

# Share of the work after which no more shapes are trained.
TRAINING = 0.6
# When no shape converges, those within this factor of the best error are read.
COMPARABLE = 1.2
# Seconds beyond the limit for a last, plain formula when nothing was found within it.
GRACE = 3.0


class TrainNetworks:
    """Shapes from simple to rich, a wave per round. It proposes nothing: the others look at what it trained."""

    name: ClassVar[str] = "train"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        from kancli.search.networks.train import train_each

        several = merged_waves(task.inputs, task.merge) if task.merge else waves(task.inputs)
        for shapes in several:
            ledger.fresh = []
            for trained in train_each(task, shapes, TRAINING):
                ledger.fresh.append(trained)
                ledger.trained.append(trained)
            yield ()
            if task.budget.over(TRAINING):
                break
        ledger.training = False


class ReadNetworks:
    """Formulas read off the networks of the round that may hold the law."""

    name: ClassVar[str] = "read"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        from kancli.search.networks.read import read_promising

        # The plainest shapes are read thoroughly only when it is known that no inputs can be combined.
        made, put_off = read_promising(task, ledger, (), thorough=task.inputs == 1 or bool(task.merge))
        yield tuple(made)
        while ledger.training:
            made, put_off = read_promising(task, ledger, put_off, thorough=True)
            yield tuple(made)


class NearestNetworks:
    """No small graph explains everything: a law beyond the shapes. Those that come nearest are read."""

    name: ClassVar[str] = "nearest"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        from kancli.search.networks.read import MOST_READ, read_best
        from kancli.search.networks.slim import slim_all

        trained, slims = ledger.trained, ledger.slims
        best = min((t.error for t in trained), default=0.0)
        known = {s.shape for s in slims}
        near = sorted((t for t in trained if t.error <= COMPARABLE * best), key=lambda t: t.error)
        more = slim_all(task, [t for t in near if t.shape not in known][:MOST_READ], [])
        done = {c.shape for c in ledger.candidates if c.effort == "full" and c.origin == "network"}
        likely = [s for s in (*slims, *more) if s.shape not in done]
        lowest = min((s.error for s in likely), default=0.0)
        likely = [s for s in likely if s.holds or s.error <= COMPARABLE * lowest]
        yield tuple(read_best(task, ledger, sorted(likely, key=lambda s: s.edges)[:MOST_READ]))


class PlainReading:
    """Where no network has been read, whatever the time: the nearest one with single functions only, or else a plain
    additive one."""

    name: ClassVar[str] = "plain"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if not ledger.trained or any(c.origin == "network" for c in ledger.candidates):
            return
        from kancli.search.networks.read import read, read_all
        from kancli.search.networks.slim import slim

        generous = task.on(task.budget.clock.extended(GRACE))
        nearest = sorted(ledger.slims, key=lambda s: s.error)[:1]
        made: list[Candidate] = []
        with suppress(TimeIsUpError):
            made = read_all(generous, ledger, nearest, "plain")
        if not made:
            plain = task.options.model_copy(
                update={"lib": ("x", "x^2"), "exclude": (), "functions": {}, "snap": False}
            )
            last = slim(ledger.trained[0], task.dataset, plain, task.seed)
            made = [read(last, task.dataset, plain, effort="plain")]
        yield tuple(made)
