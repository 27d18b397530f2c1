"""Sums of products of functions of single inputs as a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from kancli.search.candidate import Candidate
from kancli.search.factors.read import holds
from kancli.search.ledger import Ledger
from kancli.search.lowrank.atoms import allowed
from kancli.search.lowrank.read import laws
from kancli.search.proposer import Proposal, Refused, announce, fitted_candidate
from kancli.search.task import Task
from kancli.search.trained import Shape

# With more inputs there are too many monomials.
MOST_INPUTS = 6
NEEDED = frozenset({"x", "x^2"})


class SumsOfProducts:
    """Laws y = Σ_r Π_s f_rs(x_s), with functions of the library and polynomials, that leave rounding or noise.

    What such a sum leaves may look like noise and be something else: it is judged beside what networks make of it.
    """

    name: ClassVar[str] = "lowrank"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if task.inputs > MOST_INPUTS or not allowed(task.options) >= NEEDED:
            return
        if any(c.explains and c.plain for c in ledger.heard):
            return
        units = task.each([Shape(f"{task.inputs},3p,1")], [partial(read, task)])
        found = [one for several in units for one in several]
        ledger.refusals += [one.reason for one in found if isinstance(one, Refused)]
        made = [one for one in found if isinstance(one, Candidate)]
        announce(made, task, ledger)
        # Constants from some of the rows left rounding in the others: nothing else need be looked for.
        ledger.settled |= any(c.exact for c in made)
        yield tuple(made)


def read(task: Task) -> list[Candidate | Refused]:
    """The first law whose constants can be made exact or fitted so that it leaves rounding in all rows; if there is
    none, those that leave but noise."""
    found: list[Candidate | Refused] = []
    for expression in laws(task.dataset.x, task.dataset.y, task.options):
        made = fitted_candidate(expression, task, SumsOfProducts.name)
        if isinstance(made, Candidate) and made.exact:
            return [made]
        if isinstance(made, Refused) or (made.noise and holds(made)):
            found.append(made)
    return found
