"""A form that the user gives, its constants fitted: a formula without a network."""

from __future__ import annotations

import difflib
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from kancli.dataset import Dataset
from kancli.errors import FitError, UsageError
from kancli.recipe import FitOptions
from kancli.search.candidate import EXACT, Candidate, quality_of, without_network
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal
from kancli.search.task import Task
from kancli.search.trained import Shape
from kancli.stages.judging.errors import fit_of, fits, models_of, only_asked_for, some_rows
from kancli.stages.progress import Progress
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.expression import Constant, variables
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import Form, read_form
from kancli.symbolic.forms.multistart import Constants, fit_form
from kancli.symbolic.forms.snap import Parameter, formula_of_form
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.text.parser import ParseError


class GivenForm:
    """The formula that `options.like` becomes on the data: its free names fitted from many starts."""

    name: ClassVar[str] = "form"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        """Raises UsageError for a text that is no formula, FitError where the form has no value on the rows."""
        yield (fitted_form(task),)


def fitted_form(task: Task) -> Candidate:
    """The form of a task with its constants. Raises as GivenForm does."""
    dataset, options = task.dataset, task.options
    assert options.like is not None
    form = form_of(options.like, dataset)
    rows = ~dataset.validation
    constants = ", ".join(form.names) or "none"
    task.report(Progress("like", 0, None, None, None, f"constants to fit: {constants}"))
    found = fit_form(
        form,
        dataset.x[rows],
        dataset.y[rows],
        None if dataset.weight is None else dataset.weight[rows],
        seed=task.seed,
        expired=lambda: time.monotonic() >= task.budget.clock.alarm,
    )
    if not found.sse < float("inf"):
        raise FitError(
            f"--like {options.like}: no constants were found at which it has a value on every row",
            "is it defined there? a root or a logarithm of a negative number has no value",
        )
    formula, parameters = under_errors(form, found, dataset, options)
    task.report(Progress("like", 1, None, None, formula.r2, formula.text, final=True))
    asked = {key: getattr(options, key) for key in ("like", "snap", "simplify_seconds")}
    more = {"form": options.like, "parameters": [vars(parameter) for parameter in parameters]}
    return Candidate(
        formula,
        quality_of(formula, dataset),
        "form",
        Shape(f"{task.inputs},1"),
        without_network("like", dataset, task.seed, asked, more),
        remarks=tuple(remarks_on(form)),
    )


def under_errors(
    form: Form, found: Constants, table: Dataset, options: FitOptions
) -> tuple[Formula, tuple[Parameter, ...]]:
    """The formula and the constants of a form under the model of the errors that describes the table best."""
    how: dict[str, Any] = {"snapping": options.snap, "seconds": options.simplify_seconds}
    columns = columns_of(table)
    plain = formula_of_form(form, found, table.x, table.y, **columns, **how)
    rows, several = some_rows(table), models_of(table, options)
    free = form.with_values([Constant(float(value)) for value in found.theta])
    order = sorted(fits(plain[0], free, rows, several, options, math.inf), key=lambda one: one.bits)
    exact = plain[0].rmse is None or plain[0].rmse <= EXACT * float(table.y.std())
    if not order or order[0].plain or (exact and not only_asked_for(options)):
        return plain
    fit = fit_of(free, table, order[0].model, order[0].loss)
    if fit is None:
        return plain
    weighted = {**columns, "weight": fit.weight}
    formula, parameters = formula_of_form(form, found, table.x, fit.target, **weighted, **how)
    again = fit_of(formula.expression, table, order[0].model, order[0].loss)
    if again is None:
        return plain
    under = write(formula.expression, table.x, table.y, **columns, under=again)
    return replace(under, constants=formula.constants), parameters


def form_of(text: str, dataset: Dataset) -> Form:
    """The form in the columns of a table. Raises UsageError with the place of the mistake."""
    try:
        return read_form(text, safe_names(dataset.inputs))
    except ParseError as problem:
        raise UsageError(
            f"--like {text}: {problem}", f"columns: {', '.join(safe_names(dataset.inputs))}"
        ) from problem


def remarks_on(form: Form) -> list[str]:
    """Remarks on constants that may be misspelt columns."""
    used = {form.columns[i] for i in variables(form.expression) if i < len(form.columns)}
    unused = [name for name in form.columns if name not in used]
    remarks = []
    for name in form.names:
        close = difflib.get_close_matches(name, unused, 1, cutoff=0.7) if len(name) > 1 else []
        if close:
            remarks.append(f"{name} is not a column and was fitted as a constant; did you mean {close[0]}?")
    return remarks
