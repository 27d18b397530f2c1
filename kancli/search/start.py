"""A formula that the user begins with: the first candidate, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar

from kancli.errors import FitError, UsageError
from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal, announce, fitted_candidate
from kancli.search.task import Task
from kancli.symbolic.expression import Constant, Expression, Variable, substitute
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import read_form
from kancli.symbolic.forms.multistart import fit_form
from kancli.symbolic.formula import Formula
from kancli.symbolic.text.parser import ParseError, parse

# A description that is shorter by less than this is as good.
AS_GOOD = 1.0


class GivenStart:
    """The formula `options.start`, its constants fitted: the search has to beat it."""

    name: ClassVar[str] = "start"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        """Raises UsageError for a text that is no formula, FitError where it has no value on some row."""
        if task.options.start is None:
            return
        made = fitted_candidate(start_of(task), task, self.name)
        if not isinstance(made, Candidate):
            raise FitError(made.reason, "is the formula defined on every row?")
        announce([made], task, ledger)
        yield (made,)


def start_of(task: Task) -> Expression:
    """The formula with starts for all of its constants; those with names are fitted from many starts."""
    text, table = task.options.start, task.dataset
    assert text is not None
    names = safe_names(table.inputs)
    try:
        form = read_form(text, names)
        if not form.names:
            return parse(text, names)
    except ParseError as problem:
        raise UsageError(f"--start {text}: {problem}", f"columns: {', '.join(names)}") from problem
    rows = ~table.validation
    weight = None if table.weight is None else table.weight[rows]
    alarm = task.budget.clock.alarm
    found = fit_form(
        form, table.x[rows], table.y[rows], weight, seed=task.seed, expired=lambda: time.monotonic() >= alarm
    )
    # Decimals are fixed while the names are fitted, and free from then on.
    whole = parse(text, [*names, *form.names])
    values = [Constant(float(value)) for value in found.theta]
    return substitute(whole, {Variable(len(names) + k): value for k, value in enumerate(values)})


def remarks_on(ledger: Ledger, chosen: Formula, bits: float) -> list[str]:
    """What became of the formula that the search began with; none where there was none."""
    start = next((c for c in ledger.candidates if c.base.stage == GivenStart.name), None)
    if start is None:
        return []
    text = start.formula.text
    if chosen.text == text or start.bits - bits < AS_GOOD:
        return [f"start: {text}; nothing better was found"]
    return [f"start: {text}; the formula found is {start.bits - bits:.1f} bits shorter"]
