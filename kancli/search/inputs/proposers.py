"""Rewritten tables as proposers: fewer rows, fewer inputs, one variable, combined inputs.

What looks at networks is imported when there are any (see `networks.proposers`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from kancli.search.candidate import Candidate
from kancli.search.inputs.back import Constants, bring_back
from kancli.search.inputs.rewritten import Rewritten
from kancli.search.inputs.sample import sampled
from kancli.search.ledger import Ledger
from kancli.search.networks.proposers import TRAINING
from kancli.search.proposer import Proposal, Refused, Rewriting
from kancli.search.task import Task
from kancli.search.trained import PROMISING

# Share of the work and the time that is kept for fitting constants to all rows when only some were searched.
ALL_ROWS = 0.1
# Formulas of the searched rows whose constants are fitted to all.
MOST_FITTED = 2
# The rounds in which irrelevant inputs are looked for, counted from the first, and those in which inputs that belong
# together are.
RELEVANT_ROUNDS, COMBINING_ROUNDS = 2, (1, 2)
# Networks so many times better than when they were asked last are asked again for combinations.
BETTER = 2.0
# Where inputs have been combined, these proposers go on; the inputs are not rewritten again.
COMBINED = ("quotients", "factors", "powers", "train", "read")
NETWORKS = ("train", "read")


class SampleOfRows:
    """Of many rows some are searched; all of them fit the constants."""

    name: ClassVar[str] = "sample"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        some = sampled(task.dataset, task.seed)
        if some is None:
            return
        rows, every = len(some.dataset.y), len(task.dataset.y)
        task.tell(f"in {rows} of {every} rows")
        remark = f"searched in {rows} of {every} rows, constants fitted to all"
        budget = task.budget.shortened(1 - ALL_ROWS)
        yield Rewriting(
            replace(task, dataset=some.dataset, budget=budget),
            way_back(some, task, remark, "fitted"),
            keep=MOST_FITTED,
            at_end=True,
        )


class RelevantInputs:
    """Inputs that the target does not depend on are left out, and the search begins anew."""

    name: ClassVar[str] = "relevant"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        for _ in range(RELEVANT_ROUNDS if task.inputs > 1 else 0):
            fewer = None
            if ledger.trained:
                from kancli.search.inputs.relevance import only_relevant

                fewer = only_relevant(task, ledger.trained)
            if fewer is None:
                yield ()
            else:
                ledger.tables.append(fewer.key)
                yield Rewriting(replace(task, dataset=fewer.dataset), without(fewer, task))
            if not ledger.training:
                return


class SingleVariable:
    """One product of powers that alone determines the target, as neighbouring rows show."""

    name: ClassVar[str] = "variable"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if task.inputs > 1 and ledger.trained:
            from kancli.search.inputs.combine import single_number

            single = single_number(task, ledger.trained)
            if single is not None:
                ledger.tables.append(single.key)
                yield combined(single, task, ledger)


class CombinedInputs:
    """Inputs that belong together, as the slopes of networks show: combined where a simple combination does, else
    given a node of their own."""

    name: ClassVar[str] = "combined"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if task.inputs == 1:
            return
        asked = math.inf
        for number in range(COMBINING_ROUNDS[-1] + 1):
            proposal: Proposal = ()
            best = min((t.error for t in ledger.trained), default=math.inf)
            if number in COMBINING_ROUNDS and ledger.trained and BETTER * best <= asked:
                from kancli.search.inputs.combine import fewer_inputs
                from kancli.search.networks.groups import groups_of

                asked = best
                simpler = fewer_inputs(task, ledger.trained, TRAINING)
                if simpler is not None and simpler.key in ledger.tables:
                    simpler = None
                if simpler is not None:
                    ledger.tables.append(simpler.key)
                    proposal = combined(simpler, task, ledger)
                elif number == COMBINING_ROUNDS[0] and asked <= PROMISING:
                    groups = groups_of(task, ledger.trained, TRAINING)
                    if groups:
                        proposal = Rewriting(replace(task, merge=groups), lambda c: c, only=NETWORKS)
            yield proposal
            if not ledger.training:
                return


def combined(simpler: Rewritten, task: Task, ledger: Ledger) -> Rewriting:
    """The task on a table of combined inputs; of each batch the shortest candidate is brought back."""
    names = ", ".join(simpler.dataset.inputs)
    task.tell(f"in {names}")
    blurred = min(ledger.trained, key=lambda t: t.error).noise
    return Rewriting(
        replace(task, dataset=simpler.dataset, blurred=blurred),
        way_back(simpler, task, f"fitted in {names}", "kept"),
        only=COMBINED,
        keep=1,
    )


def way_back(
    rewritten: Rewritten, task: Task, remark: str, otherwise: Constants
) -> Callable[[Candidate], Candidate | Refused]:
    """From a rewritten table: a formula that explains everything is finished once more, any other one only written
    back, its constants `otherwise`."""

    def back(candidate: Candidate) -> Candidate | Refused:
        return bring_back(
            candidate,
            rewritten,
            constants="finished" if candidate.explains else otherwise,
            snapping=task.options.snap,
            seconds=task.options.simplify_seconds,
            stage="derive",
            options={"derive": list(rewritten.dataset.inputs)},
            remark=remark,
        )

    return back


def without(fewer: Rewritten, task: Task) -> Callable[[Candidate], Candidate | Refused]:
    """From a table without irrelevant inputs, whose formulas are the same."""
    gone = [name for name in task.dataset.inputs if name not in fewer.dataset.inputs]

    def back(candidate: Candidate) -> Candidate | Refused:
        return bring_back(
            candidate,
            fewer,
            constants="kept",
            snapping=False,
            seconds=0.0,
            stage="derive",
            options={"derive": list(fewer.dataset.inputs)},
            remark=f"without {', '.join(gone)}: no influence",
        )

    return back
