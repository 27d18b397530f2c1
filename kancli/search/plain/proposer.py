"""Plain forms as a proposer: the best of them as a candidate, the others as its runners-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.search.candidate import Candidate
from kancli.search.edges import PowerEdge, edge_rows
from kancli.search.ledger import Ledger
from kancli.search.plain.fit import Fitted, coefficients, fitted_forms
from kancli.search.plain.polynomial import Monomial, values_of
from kancli.search.powers.model import allowed, power_name
from kancli.search.proposer import Proposal, announce, fitted_candidate
from kancli.search.task import Task
from kancli.stages.reading.formulas import Runner, columns_of
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import tidied, write
from kancli.symbolic.text.printer import render

# More rows are a table for sampling, not for this.
MOST_ROWS = 3000
# Runners-up that are kept.
MOST = 24


class PlainForms:
    """Forms with few constants, fitted directly: there is a formula at once, and few rows have few other ones.

    What leaves more than rounding is judged at the end of the round, beside what networks make of it.
    """

    name: ClassVar[str] = "plain"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        known = any(c.base.stage == self.name for c in (*ledger.heard, *ledger.candidates))
        if known or len(task.dataset.y) > MOST_ROWS:
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
                formula = write(short, table.x, table.y, **columns_of(table))
                others.append(Runner(formula, edges_of(form, table)))
            except FitError:  # no value on some row
                continue
        remarks = ("fitted directly, without splines",)
        edges = edges_of(forms[0], table)
        candidate = replace(made, others=tuple(others), edges=edges, remarks=remarks)
        announce([candidate], task, ledger)
        yield (candidate,)


def edges_of(form: Fitted, table: Dataset) -> tuple[Mapping[str, Any], ...]:
    """The edges of the network that a form is: of one input a single one; powers into products for a polynomial."""
    with np.errstate(all="ignore"):
        value = np.broadcast_to(evaluate(form.expression, table.x), len(table.y))
    if form.terms:
        edges = polynomial_edges(form.terms, table)
    elif len(table.inputs) == 1:
        text = render(form.expression, ("u",))
        edges = [PowerEdge(0, 0, 0, form.name, text, 1.0, table.x[:, 0], value, np.ones_like(value))]
    else:
        return ()
    return tuple(edge_rows(edges, table.y - value, table.weight))


def polynomial_edges(terms: Sequence[Monomial], table: Dataset) -> list[PowerEdge]:
    """The edges of the network [d, terms as products, 1] that a polynomial is."""
    x, edges = table.x, list[PowerEdge]()
    columns = np.column_stack([values_of(terms, x), np.ones(len(x))])
    factors, _ = coefficients(columns, table.y, table.weight)
    ones = np.ones(len(x))
    for node, (term, factor, value) in enumerate(zip(terms, factors.tolist(), columns.T, strict=False)):
        for i, p in enumerate(term):
            if p:
                own = x[:, i] ** p
                rest = values_of([(*term[:i], 0, *term[i + 1 :])], x)[:, 0]
                name = "x" if p == 1 else power_name(float(p), known=True)
                text = "u" if p == 1 else f"u**{p}"
                edges.append(PowerEdge(0, i, node, name, text, 1.0, x[:, i], own, factor * rest))
        edges.append(PowerEdge(1, node, 0, "x", "u", factor, value, factor * value, ones))
    return edges
