"""Quotients of polynomials as a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import numpy as np

from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal, Refused, announce, fitted_candidate
from kancli.search.quotients.fit import quotient_of
from kancli.search.responses import responses
from kancli.search.task import Task
from kancli.search.trained import Shape

# What a quotient is written with.
NEEDED = frozenset({"x", "x^2", "1/x"})
# A quotient with more free constants than this may be the expansion of another law: that has its turn first.
FEW_FREE = 1
# Functions of y that are quotients where y is one, or the other way round.
QUOTIENTS = frozenset({"1/y", "sqrt(y)"})


class QuotientsOfPolynomials:
    """Laws f(y) = P(x)/Q(x) with polynomials of low degree of all inputs that leave rounding."""

    name: ClassVar[str] = "quotients"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        options = task.options
        if NEEDED & set(options.exclude) or (
            options.lib is not None and not set(options.lib) >= NEEDED - {"x"}
        ):
            return
        found = [
            one
            for several in task.each([Shape(f"{task.inputs},2,1")], [partial(read, task)])
            for one in several
        ]
        ledger.refusals += [one.reason for one in found if isinstance(one, Refused)]
        made = [one for one in found if isinstance(one, Candidate)]
        for first in (True, False):
            some = [c for c in made if (c.formula.free <= FEW_FREE) == first]
            announce(some, task, ledger)
            yield tuple(some)


def read(task: Task) -> list[Candidate | Refused]:
    """The first quotient with few free constants that leaves rounding of y; if there is none, all others."""
    x, y = task.dataset.x, task.dataset.y
    found: list[Candidate | Refused] = []
    for name, response in responses(y, task.options).items():
        if name in QUOTIENTS:
            continue
        with np.errstate(all="ignore"):
            target = response.value(y)
        quotient = quotient_of(x, target)
        if quotient is None:
            continue
        made = fitted_candidate(response.back(quotient.expression), task, "quotients")
        if isinstance(made, Refused) or made.exact:
            found.append(made)
        if isinstance(made, Candidate) and made.exact and made.formula.free <= FEW_FREE:
            return [made]
    return found
