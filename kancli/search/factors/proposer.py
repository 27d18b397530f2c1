"""Products of factors as a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from kancli.search.factors.read import read_factors
from kancli.search.ledger import Ledger
from kancli.search.powers.model import allowed
from kancli.search.proposer import Proposal, announce
from kancli.search.task import Task
from kancli.search.trained import Shape


class ProductsOfFactors:
    """Laws that are products of powers of elementary expressions, and exponentials, in the first round.

    What such a product leaves may look like noise and be something else: it is judged beside what networks make
    of it.
    """

    name: ClassVar[str] = "factors"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if not allowed("power", task.options):
            return
        unit = partial(read_factors, task.dataset, task.options, task.seed)
        made = [candidate for found in task.each([Shape(f"{task.inputs},1p")], [unit]) for candidate in found]
        announce(made, task, ledger)
        yield tuple(made)
