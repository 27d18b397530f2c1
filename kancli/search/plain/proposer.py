"""Plain models as a proposer: they come before everything else, and what the search finds has to beat them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kancli.search.candidate import Candidate, Origin
from kancli.search.ledger import Ledger
from kancli.search.plain.classics import CLASSICS, fit_classic
from kancli.search.plain.polynomial import DEGREE, Polynomial, columns_of, monomials, polynomial
from kancli.search.powers.edges import PowerEdge, edge_rows
from kancli.search.powers.model import allowed, power_name
from kancli.search.proposer import Proposal, Refused, fitted_candidate
from kancli.search.task import Task
from kancli.symbolic.constants.length import nodes_of
from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]

# Classics that are written out: those with the shortest descriptions.
WRITTEN = 3


class PlainModels:
    """A plane and a polynomial of few terms, and the classics of one input.

    What they leave may look like noise and be more: they are judged beside what networks make of it.
    """

    name: ClassVar[str] = "plain"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        made: list[Candidate | Refused] = []
        for models in (polynomials, classics):
            for expression, edges in models(task):
                made.append(written(expression, edges, task))
                # Whatever the clock does, these are there.
                ledger.heard += [one for one in made[-1:] if isinstance(one, Candidate)]
        yield tuple(made)


def written(expression: Expression, edges: Sequence[PowerEdge], task: Task) -> Candidate | Refused:
    """The formula of a plain model, its constants fitted and made exact, with its edges."""
    table = task.dataset
    candidate = fitted_candidate(expression, task, "plain")
    if isinstance(candidate, Refused):
        return candidate
    with np.errstate(all="ignore"):
        residual = table.y - evaluate(expression, table.x)
    task.tell(candidate.formula.text, candidate.error)
    origin: Origin = "sum" if sum(edge.layer == 1 for edge in edges) > 1 else "product"
    return replace(candidate, origin=origin, edges=tuple(edge_rows(edges, residual, table.weight)))


def polynomials(task: Task) -> Iterator[tuple[Expression, list[PowerEdge]]]:
    """The plane and the polynomial of shortest description; one of them where they are the same."""
    table = task.dataset
    if not allowed("x", task.options):
        return
    known: set[tuple[object, ...]] = set()
    for degree in (1, DEGREE):
        terms = monomials(table.x, degree)
        found = polynomial(terms, table.x, table.y, table.weight) if terms else None
        if found is not None and found.terms not in known:
            known.add(found.terms)
            yield found.expression(), polynomial_edges(found, table.x)


def polynomial_edges(found: Polynomial, x: Array) -> list[PowerEdge]:
    """The edges of the network [d, terms as products, 1] that a polynomial is, at x (n, d)."""
    edges = []
    ones = np.ones(len(x))
    for node, (term, factor) in enumerate(zip(found.terms, found.factors, strict=True)):
        value = columns_of([term], x)[:, 0]
        for i, p in enumerate(term):
            if p:
                own = x[:, i] ** p
                rest = columns_of([(*term[:i], 0, *term[i + 1 :])], x)[:, 0]
                name = "x" if p == 1 else power_name(float(p), known=True)
                text = "u" if p == 1 else f"u**{p}"
                edges.append(PowerEdge(0, i, node, name, text, 1.0, x[:, i], own, factor * rest))
        edges.append(PowerEdge(1, node, 0, "x", "u", factor, value, factor * value, ones))
    return edges


def classics(task: Task) -> Iterator[tuple[Expression, list[PowerEdge]]]:
    """The classics of shortest description, where a table has one input."""
    table = task.dataset
    if task.inputs > 1:
        return
    u = table.x[:, 0]
    spread = float(table.y.std()) or 1.0
    ranked: list[tuple[float, str, Expression]] = []
    for classic in CLASSICS:
        task.budget.clock.check()
        if not all(allowed(function, task.options) for function in classic.functions):
            continue
        found = fit_classic(classic, u, table.y, table.weight)
        if found is None:
            continue
        form, fit = found
        expression = form.free(fit.theta)
        free = len(form.names)
        error = (fit.sse / len(u)) ** 0.5 / spread
        ranked.append(
            (estimated(resolved(error), len(u), free, nodes_of(expression)), classic.name, expression)
        )
    for _, name, expression in sorted(ranked, key=lambda entry: entry[:2])[:WRITTEN]:
        with np.errstate(all="ignore"):
            value = evaluate(expression, table.x)
        text = render(expression, ("u",))
        yield expression, [PowerEdge(0, 0, 0, name, text, 1.0, u, value, np.ones(len(u)))]
