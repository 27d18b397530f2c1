"""The search for one law of all groups."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, GroupedTable
from kancli.dataset.digits import rounding_variance
from kancli.errors import FitError, UsageError
from kancli.search.candidate import EXACT
from kancli.search.form import form_of
from kancli.search.grouped.law import OTHERS, Written, version, written
from kancli.search.grouped.sources import FoundForm, Source, as_form, forms_of, sources
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposer
from kancli.search.schedule import LAST_RESORT, PROPOSERS, batches
from kancli.search.task import Budget, Task
from kancli.stages.judging.errors import only_asked_for
from kancli.stages.judging.verdict import at_rounding
from kancli.symbolic.expression import Constant, Expression, Sum, add, complexity, multiply
from kancli.symbolic.forms.form import Form
from kancli.symbolic.forms.grouped.fit import together
from kancli.symbolic.forms.grouped.model import GroupedModel, GroupedRows
from kancli.symbolic.forms.grouped.sharing import Asked, GroupedLaw, law_of
from kancli.symbolic.noise import even, is_noise
from kancli.symbolic.rewrite.canonical import canonical

Array = NDArray[np.float64]

NOTHING_ASKED = Asked()
# Proposers that need no network: they come first in every source of forms.
QUICK = frozenset({"sample", "quotients", "factors", "additive", "plain", "powers"})
# Shares of the time: of one source in the first pass, and until the second pass ends.
FIRST_PASS, PASSES = 0.07, 0.75
# Forms of each source that are fitted to all groups.
MOST_FORMS = 12
# Forms with more nodes than this are approximations.
MOST_NODES = 60
# Rows that decide about forms.
ROWS = 20_000
# A source that shortens the description by less was in vain; in noise so many of them in a row are enough.
WORTHWHILE, IN_VAIN = 10.0, 2


@dataclass
class Laws:
    """The laws found so far; the only value of the search that changes, so that an interrupt keeps the best one.

    `tried`: the forms with the constants that they were started from. `history`: the shortest description after each
    source.
    """

    found: list[GroupedLaw] = field(default_factory=list)
    tried: dict[Expression, list[Array]] = field(default_factory=dict)
    history: list[float] = field(default_factory=list)

    @property
    def best(self) -> GroupedLaw | None:
        """The law with the shortest description."""
        return min(self.found, key=lambda law: law.bits, default=None)


def find_grouped(task: Task, table: GroupedTable, asked: Asked, laws: Laws | None = None) -> Checkpoint:
    """The version with the law that all groups follow; `task` has the table's rows as its dataset.

    Raises FitError where nothing could be fitted, UsageError for a form that cannot be read, names that it does not
    have, and what cannot be asked for with groups.
    """
    laws = laws if laws is not None else Laws()
    check(task, table, asked)
    rows = some_rows(table)
    if task.options.like:
        fit_given(task, table, asked, rows, laws)
    else:
        for quick in searched(task, table, rows, laws):
            if enough(laws, table, rows, quick):
                break
        fit_wider(task, table, rows, laws)
    return kept(task, table, laws)


def check(task: Task, table: GroupedTable, asked: Asked) -> None:
    """Raise UsageError for what is not there with groups."""
    if len(table.labels) < 2:
        raise UsageError(
            f"--groups {','.join(table.by)}: all rows belong to one group",
            "leave --groups out, or name another column",
        )
    if only_asked_for(task.options):
        raise UsageError(
            "--groups fits by least squares with additive or given errors", "--sigma gives errors"
        )
    if not task.options.like and (asked.free or asked.shared):
        raise UsageError("--free and --shared name constants of a form", "give the form with --like")


def some_rows(table: GroupedTable) -> GroupedRows:
    """Rows enough to tell forms apart, of every group."""
    data, chosen = table.dataset, np.arange(len(table.group))
    if len(chosen) > ROWS:
        order = np.argsort(table.group, kind="stable")
        chosen = order[np.linspace(0, len(order) - 1, ROWS).astype(np.intp)]
        first = np.unique(table.group, return_index=True)[1]
        chosen = np.unique(np.concatenate([chosen, first]))
    weight = None if data.weight is None else data.weight[chosen]
    return GroupedRows.of(data.x[chosen], data.y[chosen], weight, table.group[chosen])


def all_rows(table: GroupedTable) -> GroupedRows:
    """Every row."""
    data = table.dataset
    return GroupedRows.of(data.x, data.y, data.weight, table.group)


def fit_given(task: Task, table: GroupedTable, asked: Asked, rows: GroupedRows, laws: Laws) -> None:
    """The form of the user's, from many starts in the largest group."""
    from kancli.symbolic.forms.multistart import fit_form

    if len(task.options.like) > 1:
        raise UsageError("--groups takes one form", "give --like once")
    (text,) = task.options.like
    form = form_of(text, table.dataset)
    unknown = [name for name in (*(asked.free or ()), *(asked.shared or ())) if name not in form.names]
    if unknown:
        raise UsageError(
            f"--like {text} has no constant {unknown[0]!r}",
            f"its constants: {', '.join(form.names) or 'none'}",
        )
    both = set(asked.free or ()) & set(asked.shared or ())
    if both:
        raise UsageError(f"{min(both)} cannot be both free and shared")
    starts = [np.ones(len(form.names))]
    alarm = task.budget.clock.alarm
    counts = rows.counts
    for number in sorted(range(rows.groups), key=lambda k: (-counts[k], k))[:3]:
        part = slice(int(rows.starts[number]), int(rows.starts[number] + counts[number]))
        found = fit_form(
            form,
            rows.x[part],
            rows.y[part],
            rows.root[part] ** 2,
            seed=task.seed,
            expired=lambda: time.monotonic() >= alarm,
        )
        if math.isfinite(found.sse):
            starts.insert(0, found.theta)
    law = fitted(task, form, rows, starts, table.dataset, laws, asked=asked, snapping=False)
    if law is None:
        raise FitError(
            f"--like {text}: no constants were found at which it has a value on every row",
            "is it defined there? a root or a logarithm of a negative number has no value",
        )


def searched(task: Task, table: GroupedTable, rows: GroupedRows, laws: Laws) -> Iterator[bool]:
    """Fit the forms of one source after another, in two passes; yields after each whether it is the first pass."""
    clock = task.budget.clock
    whole = clock.deadline - clock.began
    several = sources(table, float(table.dataset.validation.mean()), task.seed)
    for quick in (True, False):
        for number, source in enumerate(several):
            left = clock.began + PASSES * whole - time.monotonic()
            seconds = min(FIRST_PASS * whole, left) if quick else left / (len(several) - number)
            if seconds <= 0:
                return
            task.tell(f"{source.name}: {'without' if quick else 'with'} networks")
            proposed = proposals(task, source, seconds, quick)
            for one in forms_of(proposed, source, table.dataset):
                if time.monotonic() >= clock.deadline:
                    return
                consider(task, one, rows, table.dataset, laws)
            yield quick


def proposals(task: Task, source: Source, seconds: float, quick: bool) -> list[Expression]:
    """The formulas that a search in a source finds, the shortest description first."""
    inner = replace(
        task,
        dataset=source.dataset,
        budget=Budget.of_seconds(time.monotonic(), seconds),
        options=task.options.model_copy(update={"groups": None}),
    )
    chosen: Sequence[Proposer] = [p for p in PROPOSERS if not quick or p.name in QUICK]
    ledger = Ledger()
    for _ in batches(inner, ledger, chosen, () if quick else LAST_RESORT):
        pass
    order = sorted(ledger.candidates, key=lambda c: c.bits)
    formulas = [c.formula for c in order] + [other.formula for c in order[:3] for other in c.others]
    seen = dict.fromkeys(f.expression for f in formulas if complexity(f.expression) <= MOST_NODES)
    return list(seen)[:MOST_FORMS]


def consider(task: Task, one: FoundForm, rows: GroupedRows, data: Dataset, laws: Laws) -> None:
    """Fit a form to all groups unless that has been done."""
    form = one.form
    key = form.free([1.0] * len(form.names))
    starts = laws.tried.setdefault(key, [])
    if len(starts) > 1:
        return
    starts.append(one.start)
    fitted(task, form, rows, [one.start], data, laws, snapping=task.options.snap)


def fitted(
    task: Task,
    form: Form,
    rows: GroupedRows,
    starts: Sequence[Array],
    data: Dataset,
    laws: Laws,
    *,
    snapping: bool,
    asked: Asked = NOTHING_ASKED,
) -> GroupedLaw | None:
    """The law of a form, which becomes one of those found."""
    best, clock = laws.best, task.budget.clock
    law = law_of(
        form,
        rows,
        starts,
        floor=rounding_variance(data.y),
        asked=asked,
        snapping=snapping,
        most=math.inf if best is None else best.bits + WORTHWHILE,
        expired=lambda: time.monotonic() >= clock.deadline,
    )
    if law is not None:
        laws.found.append(law)
        spread = float(rows.y.std()) or 1.0
        error = math.sqrt(law.fit.sse / len(rows.y)) / spread
        if best is None or law.bits < best.bits:
            task.tell(f"{', '.join(law.own_names) or 'nothing'} per group", error)
    return law


def fit_wider(task: Task, table: GroupedTable, rows: GroupedRows, laws: Laws) -> None:
    """The best form with a factor and with an offset more: a group in which the factor is 1 does not show it."""
    best = laws.best
    if best is None:
        return
    plain = best.form.free(np.median(best.fit.theta, axis=0))
    for wider in wider_forms(plain):
        one = as_form(canonical(wider, table.dataset.x), table.dataset)
        consider(task, one, rows, table.dataset, laws)


def wider_forms(expression: Expression) -> Iterator[Expression]:
    """A form times a constant, and plus a constant."""
    yield multiply(Constant(1.0), expression)
    terms = expression.terms if isinstance(expression, Sum) else (expression,)
    if not any(isinstance(term, Constant) for term in terms):
        yield add(expression, Constant(0.0))


def enough(laws: Laws, table: GroupedTable, rows: GroupedRows, quick: bool) -> bool:
    """Whether the best law leaves only rounding; in noise, whether nothing better has come for a while, also not from
    networks."""
    best = laws.best
    laws.history.append(math.inf if best is None else best.bits)
    history = laws.history
    if best is None:
        return False
    spread = float(table.dataset.y.std()) or 1.0
    if math.sqrt(best.fit.sse / len(rows.y)) <= EXACT * spread:
        return True
    if quick or len(history) <= IN_VAIN or history[-1 - IN_VAIN] - history[-1] > WORTHWHILE:
        return False
    one = written(best, table, 0.0, keep_names=False)
    if one is None:
        return False
    left = even(table.dataset.y - one.values, table.dataset.weight)
    return at_rounding(one.formula, one.dataset) or is_noise(one.dataset.x, left)


def kept(task: Task, table: GroupedTable, laws: Laws) -> Checkpoint:
    """The version with the best law on all rows. Raises FitError where there is none."""
    order = sorted((law for law in laws.found if math.isfinite(law.bits)), key=lambda law: law.bits)
    if not order:
        raise FitError(
            "no formula was found that all groups follow",
            "--each fits a law per group; more time: --time-limit",
        )
    named = bool(task.options.like)
    whole = all_rows(table)
    made: list[Written] = []
    texts: set[str] = set()
    for law in order[: OTHERS + 1]:
        seconds = task.options.simplify_seconds if not made else 0.0
        one = written(on_all_rows(law, whole), table, seconds, keep_names=named)
        if one is not None and one.formula.rmse is not None and one.formula.text not in texts:
            made.append(one)
            texts.add(one.formula.text)
    if not made:
        raise FitError("no formula was found that all groups follow", "--each fits a law per group")
    return version(made[0], made[1:], table, task.options, task.seed)


def on_all_rows(law: GroupedLaw, rows: GroupedRows) -> GroupedLaw:
    """The law with its constants fitted to every row."""
    fit = together(GroupedModel.of(law.form, rows), law.fit.theta, law.fit.free, law.fit.moving)
    return replace(law, fit=fit) if math.isfinite(fit.sse) else law
