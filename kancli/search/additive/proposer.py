"""Additive models as a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from kancli.search.additive.read import read_models
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal, announce
from kancli.search.task import Task
from kancli.search.trained import Shape


class AdditiveModels:
    """Laws θ(y) = Σ φ(z) with θ one of a few functions, z inputs and combinations of two, in the first round.

    What such a sum leaves may look like noise and be something else: it is judged beside what networks make of it.
    """

    name: ClassVar[str] = "additive"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if task.inputs < 2:  # of one input, edges say the same
            return
        unit = partial(read_models, task.dataset, task.options, task.seed)
        made = [c for found in task.each([Shape(f"{task.inputs},1,1")], [unit]) for c in found]
        announce(made, task, ledger)
        yield tuple(made)
