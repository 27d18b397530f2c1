"""Like: a given form with fitted constants. A formula without a network."""

from __future__ import annotations

import difflib
import platform
from collections.abc import Callable
from typing import Any

from kancli import __version__
from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import FitError, UsageError
from kancli.recipe import FitOptions
from kancli.stages.formulas import SHOWN, facts_of_formula
from kancli.stages.progress import Progress, Report
from kancli.symbolic.expression import variables
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import Form, read_form
from kancli.symbolic.forms.multistart import fit_form
from kancli.symbolic.forms.snap import formula_of_form
from kancli.symbolic.text.parser import ParseError


def like(
    dataset: Dataset,
    options: FitOptions,
    *,
    seed: int,
    report: Report,
    expired: Callable[[], bool] = lambda: False,
) -> Checkpoint:
    """The formula that `options.like` becomes on the data: its free names fitted from many starts.

    Raises UsageError for a text that is not a formula, FitError if the form has no value on the rows.
    """
    assert options.like is not None
    form = form_of(options.like, dataset)
    rows = ~dataset.validation
    weight = dataset.weight
    constants = ", ".join(form.names) or "none"
    report(Progress("like", 0, None, None, None, f"constants to fit: {constants}"))
    found = fit_form(
        form,
        dataset.x[rows],
        dataset.y[rows],
        None if weight is None else weight[rows],
        seed=seed,
        expired=expired,
    )
    if not found.sse < float("inf"):
        raise FitError(
            f"--like {options.like}: no constants were found at which it has a value on every row",
            "is it defined there? a root or a logarithm of a negative number has no value",
        )
    formula, parameters = formula_of_form(
        form,
        found,
        dataset.x,
        dataset.y,
        inputs=dataset.inputs,
        target=dataset.target,
        validation=dataset.validation,
        weight=weight,
        snapping=options.snap,
        seconds=options.simplify_seconds,
    )
    facts = facts_of_formula(formula, dataset)
    report(Progress("like", 1, None, None, facts["r2"], facts["formula"], final=True))
    metadata: dict[str, Any] = {
        **facts,
        "inputs": list(dataset.inputs),
        "constant": dict(dataset.constant),
        "seed": seed,
        "versions": {"kancli": __version__, "python": platform.python_version()},
        "options": {key: getattr(options, key) for key in ("like", "snap", "simplify_seconds")},
        "form": options.like,
        "parameters": [vars(parameter) for parameter in parameters],
        "edges": [],
        "splines_left": 0,
        "front": [{**{key: facts[key] for key in SHOWN}, "chosen": True}],
        "remarks": remarks_on(form),
    }
    return Checkpoint("like", {}, metadata)


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
