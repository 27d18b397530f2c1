"""Sums of products of functions of single inputs as a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.lowrank.atoms import allowed
from kancli.search.lowrank.read import exact_laws
from kancli.search.proposer import Proposal, Refused, announce, fitted_candidate
from kancli.search.task import Task
from kancli.search.trained import Shape

# With more inputs there are too many monomials.
MOST_INPUTS = 6
NEEDED = frozenset({"x", "x^2"})


class SumsOfProducts:
    """Laws y = Σ_r Π_s f_rs(x_s), with functions of the library and polynomials, that leave rounding."""

    name: ClassVar[str] = "lowrank"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if task.inputs > MOST_INPUTS or not allowed(task.options) >= NEEDED:
            return
        units = task.each([Shape(f"{task.inputs},3p,1")], [partial(read, task)])
        found = [one for several in units for one in several]
        ledger.refusals += [one.reason for one in found if isinstance(one, Refused)]
        made = [one for one in found if isinstance(one, Candidate)]
        announce(made, task, ledger)
        # Constants from some of the rows left rounding in the others: nothing else need be looked for.
        ledger.settled |= bool(made)
        yield tuple(made)


def read(task: Task) -> list[Candidate | Refused]:
    """The first law whose constants can be made exact or fitted so that it leaves rounding in all rows."""
    found: list[Candidate | Refused] = []
    for expression in exact_laws(task.dataset.x, task.dataset.y, task.options):
        made = fitted_candidate(expression, task, SumsOfProducts.name)
        if isinstance(made, Refused):
            found.append(made)
        elif made.exact:
            return [*found, made]
    return found
