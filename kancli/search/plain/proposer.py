"""Plain forms as a proposer: the best of them as a candidate, the others as its runners-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from kancli.errors import FitError
from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.plain.fit import fitted_forms
from kancli.search.powers.model import allowed
from kancli.search.proposer import Proposal, fitted_candidate
from kancli.search.task import Task
from kancli.stages.reading.formulas import Runner, columns_of
from kancli.symbolic.formula import tidied, write

# More rows are a table for sampling, not for this.
MOST_ROWS = 3000
# Runners-up that are kept.
MOST = 24


class PlainForms:
    """Forms with few constants, fitted directly: there is a formula at once, and few rows have few other ones.

    It is only heard of, and judged at the end of the round: where a network says the same, that has more to show.
    """

    name: ClassVar[str] = "plain"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        if len(task.dataset.y) > MOST_ROWS:
            return
        forms = fitted_forms(task.dataset, lambda name: allowed(name, task.options))
        if not forms:
            return
        made = fitted_candidate(forms[0].expression, task, self.name)
        if not isinstance(made, Candidate):
            yield (made,)
            return
        table, others = task.dataset, []
        for form in forms[1:MOST]:
            try:
                short = tidied(form.expression, table.x, table.y, table.weight)
                others.append(Runner(write(short, table.x, table.y, **columns_of(table))))
            except FitError:  # no value on some row
                continue
        remarks = ("fitted directly, without splines",)
        candidate = replace(made, others=tuple(others), remarks=remarks)
        ledger.heard.append(candidate)
        task.tell(candidate.formula.text, candidate.error)
        yield ()
