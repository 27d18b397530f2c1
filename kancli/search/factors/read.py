"""Products of factors as candidates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.choice.front import most_complex
from kancli.search.edges import edge_rows
from kancli.search.factors.exact import exact_laws
from kancli.search.factors.law import Law
from kancli.search.factors.network import network
from kancli.search.factors.noisy import Rows, noisy_laws
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.expression import evaluate
from kancli.symbolic.formula import finish

# Free constants that a law in noise may have: with more, a product bends to almost anything.
MOST_FREE = 3
# The share of its r² that held-out rows must show.
HELD_OUT = 0.5


def read_factors(dataset: Dataset, options: FitOptions, seed: int) -> list[Candidate]:
    """Laws that leave rounding, up to the first with but one constant that is not plain: a law may be imitated to the
    last digit where its range is narrow. If there is none, those that leave but noise."""
    found: list[Candidate] = []
    for law in exact_laws(dataset.x, dataset.y, options):
        made = candidate_of(law, dataset, options, seed)
        if made is not None and made.exact:
            found.append(made)
            if made.formula.free <= 1:
                return found
    return found or list(in_noise(dataset, options, seed))


def in_noise(dataset: Dataset, options: FitOptions, seed: int) -> Iterator[Candidate]:
    """Laws that leave but noise, not longer than was asked for."""
    training = ~dataset.validation
    weight = np.ones(len(dataset.y)) if dataset.weight is None else dataset.weight
    rows = Rows(dataset.x[training], dataset.y[training], weight[training])
    most = most_complex(options)
    known: set[str] = set()
    for law in noisy_laws(rows, options):
        made = candidate_of(law, dataset, options, seed)
        if made is None or not made.noise or made.formula.text in known or not holds(made):
            continue
        known.add(made.formula.text)
        if made.formula.free <= MOST_FREE and (most is None or made.formula.complexity <= most):
            yield made


def holds(candidate: Candidate) -> bool:
    """Whether what a formula explains is there in the held-out rows too: a narrow factor may hold a few outliers,
    which are most of the variance."""
    r2, held_out = candidate.formula.r2, candidate.formula.r2_validation
    return r2 is not None and (held_out is None or held_out >= HELD_OUT * r2)


def candidate_of(law: Law, dataset: Dataset, options: FitOptions, seed: int) -> Candidate | None:
    """A law as a formula, its constants fitted to y on all rows and made exact; None where it has no value on some
    row."""
    x, y = dataset.x, dataset.y
    expression = law.expression(x, y)
    try:
        formula = finish(
            expression, x, y, snapping=options.snap, seconds=options.simplify_seconds, **columns_of(dataset)
        )
    except FitError:
        return None
    with np.errstate(all="ignore"):
        prediction = np.array(np.broadcast_to(evaluate(expression, x), len(y)))
    width, edges = network(law, x, prediction)
    base = without_network("factors", dataset, seed, {}, {"width": str(width)})
    return Candidate(
        formula,
        quality_of(formula, dataset),
        "product",
        width,
        base,
        edges=tuple(edge_rows(edges, y - prediction, dataset.weight)),
        remarks=("fitted without splines, as a product of factors",),
        effort="first",
    )
