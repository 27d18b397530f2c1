"""A form that the user gives, its constants fitted: a formula without a network."""

from __future__ import annotations

import difflib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.errors import FitError, UsageError
from kancli.recipe import FitOptions
from kancli.search.candidate import EXACT, Candidate, quality_of, without_network
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal
from kancli.search.task import Task
from kancli.search.trained import Shape
from kancli.stages.judging.errors import Described, fit_of, fits, models_of, only_asked_for, some_rows
from kancli.stages.progress import Progress
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.description import few_rows, left_over
from kancli.symbolic.errors.fit import ErrorFit, unit
from kancli.symbolic.errors.loss import robust_scale
from kancli.symbolic.expression import evaluate, variables
from kancli.symbolic.expression import exact as number
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import Bound, Form, read_form
from kancli.symbolic.forms.given import as_given
from kancli.symbolic.forms.multistart import Constants, fit_form, follow
from kancli.symbolic.forms.snap import Parameter, formula_of_form
from kancli.symbolic.formula import Formula, r_squared, write
from kancli.symbolic.noise import even
from kancli.symbolic.text.parser import ParseError

Array = NDArray[np.float64]

# Of a given form the errors are additive unless the target spans so many factors, or residuals of so many σ of the
# bulk show rows that do not belong to the others; NIST's regressions, with their certified least squares, do neither.
DECADES, FAR = 1000.0, 12.0
# Bits by which another model must be better to be mentioned.
WORTH_A_REMARK = 6.0
# Rounds of weights and fit, and the change of constants that ends them.
ROUNDS, SETTLED = 30, 1e-9


class GivenForm:
    """The formulas that the forms of `options.like` become on the data: their free names fitted from many starts."""

    name: ClassVar[str] = "form"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        """Raises UsageError for a text that is no formula, FitError where the form has no value on the rows."""
        found: list[Candidate] = []
        for text in task.options.like:
            try:
                found.append(fitted_form(task, text))
            except FitError as failure:
                if len(task.options.like) == 1:
                    raise
                ledger.remarks.append(str(failure))
        yield tuple(found)


def fitted_form(task: Task, text: str | None = None) -> Candidate:
    """A form with its constants, that of the task's options unless another is named. Raises as GivenForm does."""
    dataset, options = task.dataset, task.options
    text = options.like[0] if text is None else text
    form = form_of(text, dataset)
    constants = ", ".join(form.names) or "none"
    task.report(Progress("like", 0, None, None, None, f"constants to fit: {constants}"))
    found = fitted(form, dataset, dataset.weight, task)
    if not found.sse < float("inf"):
        raise FitError(
            f"--like {text}: no constants were found at which it has a value on every row",
            "is it defined there? a root or a logarithm of a negative number has no value",
        )
    formula, parameters, remarks = under_errors(form, found, task)
    task.report(Progress("like", 1, None, None, formula.r2, formula.text, final=True))
    asked = {key: getattr(options, key) for key in ("snap", "simplify_seconds")}
    more = {"form": text, "parameters": [vars(parameter) for parameter in parameters]}
    return Candidate(
        formula,
        quality_of(formula, dataset),
        "form",
        Shape(f"{task.inputs},1"),
        without_network("like", dataset, task.seed, {"like": [text], **asked}, more),
        remarks=(*remarks_on(form), *remarks),
    )


def fitted(form: Form, table: Dataset, weight: Array | None, task: Task) -> Constants:
    """The constants of a form on all rows: none of them is asked to choose anything."""
    alarm = task.budget.clock.alarm
    return fit_form(form, table.x, table.y, weight, seed=task.seed, expired=lambda: time.monotonic() >= alarm)


def under_errors(
    form: Form, found: Constants, task: Task
) -> tuple[Formula, tuple[Parameter, ...], tuple[str, ...]]:
    """The formula and the constants of a form under the errors that were asked for, and remarks.

    By default those are of one size, as everywhere where a form is fitted: another model only where least squares
    cannot be meant, and a remark where it would describe the table more briefly.
    """
    table, options = task.dataset, task.options
    finish = snapped if options.snap else printed
    plain = finish(form, found, table, options, None)
    rows, several = some_rows(table), models_of(table, options)
    free = form.free(found.theta)
    order = sorted(fits(plain[0], free, rows, several, options, math.inf), key=lambda one: one.bits)
    exact = plain[0].rmse is None or plain[0].rmse <= EXACT * float(table.y.std())
    if not order or order[0].plain or (exact and not only_asked_for(options)):
        return *plain, ()
    if not (only_asked_for(options) or must_be(order[0], plain[0], table)):
        return *plain, told(order)
    near = by_the_model(form, found, table, order[0], task)
    return *(plain if near is None else finish(form, near[0], table, options, near[1])), ()


def must_be(one: Described, plain: Formula, table: Dataset) -> bool:
    """Whether least squares would see the few largest values only, or follow a few rows far outside the others."""
    if one.loss.name != "squares":
        white = even(table.y - evaluate(plain.expression, table.x), table.weight)
        return bool((np.abs(white) > FAR * robust_scale(white)).any())
    low, high = np.quantile(np.abs(table.y), (0.05, 0.95))
    return one.model.logarithmic() and bool(low > 0 and high >= DECADES * low)


def told(order: Sequence[Described]) -> tuple[str, ...]:
    """A remark on errors under which the description is shorter."""
    best, plain = order[0], next((one for one in order if one.plain), None)
    if plain is None or plain.bits - best.bits < WORTH_A_REMARK:
        return ()
    names = [] if best.model.name == "additive" else [f"--errors {best.model.name}"]
    names += [] if best.loss.name == "squares" else [f"--loss {best.loss.name}"]
    return (f"{' '.join(names)} describes the table {plain.bits - best.bits:.0f} bits more briefly",)


def by_the_model(
    form: Form, found: Constants, table: Dataset, how: Described, task: Task
) -> tuple[Constants, ErrorFit] | None:
    """The constants of a form under a model of the errors and a loss: weights from its values, again and again."""
    bound = Bound.of(form, table.x)
    if how.model.name != "additive":
        size = how.model.variance(table.y, table.y)
        base = 1.0 if table.weight is None else table.weight
        start = fitted(form, table, unit(base / size), task) if (size > 0).all() else found
        found = start if math.isfinite(start.sse) else found
    fit = None
    for _ in range(ROUNDS):
        fixed = form.with_values([number(repr(float(value))) for value in found.theta])
        fit = fit_of(fixed, table, how.model, how.loss)
        if fit is None:
            return None
        before = found.theta
        found = follow(bound, before, fit.target, fit.weight)
        if not math.isfinite(found.sse) or np.allclose(found.theta, before, rtol=SETTLED, atol=0.0):
            break
    if fit is None or not math.isfinite(found.sse):
        return None
    # The errors were taken with constants that seemed to be given.
    rows, free = len(table.y), len(form.names)
    errors = replace(
        fit.errors,
        bits=fit.errors.bits + few_rows(rows, free) - few_rows(rows, 0),
        scale=fit.errors.scale
        * (math.sqrt(rows / left_over(rows, free)) if how.loss.name == "squares" else 1),
    )
    return found, replace(fit, errors=errors)


def printed(
    form: Form, found: Constants, table: Dataset, options: FitOptions, under: ErrorFit | None
) -> tuple[Formula, tuple[Parameter, ...]]:
    """The form as it was given, at these constants; the held-out r² is that of constants fitted to the other rows."""
    near, counts = (table.y, table.weight) if under is None else (under.target, under.weight)
    formula, parameters = as_given(
        form,
        found,
        table.x,
        table.y,
        **columns_of(table),
        near=near,
        counts=counts,
        errors=None if under is None else under.errors,
    )
    return replace(formula, r2_validation=held_out(form, found, table, near, counts)), parameters


def held_out(form: Form, found: Constants, table: Dataset, near: Array, counts: Array | None) -> float | None:
    """r² on the held-out rows, of constants that have not seen them."""
    held = table.validation
    if not held.any() or int((~held).sum()) <= len(form.names):
        return None
    weight = None if counts is None else counts[~held]
    fit = follow(Bound.of(form, table.x[~held]), found.theta, near[~held], weight)
    values = evaluate(form.free(fit.theta), table.x[held])
    return r_squared(values, table.y[held], None if table.weight is None else table.weight[held])


def snapped(
    form: Form, found: Constants, table: Dataset, options: FitOptions, under: ErrorFit | None
) -> tuple[Formula, tuple[Parameter, ...]]:
    """With exact constants, and simplified."""
    how: dict[str, Any] = {"snapping": True, "seconds": options.simplify_seconds}
    columns = columns_of(table)
    if under is None:
        return formula_of_form(form, found, table.x, table.y, **columns, **how)
    weighted = {**columns, "weight": under.weight}
    formula, parameters = formula_of_form(form, found, table.x, under.target, **weighted, **how)
    new = write(
        formula.expression, table.x, table.y, **columns, under=replace(under, expression=formula.expression)
    )
    return replace(new, constants=formula.constants), parameters


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
