"""Candidates under other models of the errors than the additive one that the search assumed.

The best formulas of a search are fitted anew under each model that the table may have; what describes formula and
data more briefly than any additive model does becomes a candidate of its own, with exact constants under that model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, Quality
from kancli.stages.judging.errors import only_asked_for, under_models
from kancli.stages.judging.verdict import white_residual
from kancli.stages.reading.bits import final_bits
from kancli.symbolic.formula import Formula
from kancli.symbolic.noise import is_noise


def under_errors(candidates: Sequence[Candidate], table: Dataset, options: FitOptions) -> list[Candidate]:
    """The candidates that there are once the errors may be of other kinds: those of the search, and new ones.

    Where a model or a loss was asked for, only those under it, if there are any. Nothing new where the errors are
    given with the table, or the best candidate leaves only rounding.
    """
    if not candidates or options.like:  # a given form has been fitted under them
        return list(candidates)
    known = list(candidates)
    best = min(known, key=lambda c: c.bits)
    if not only_asked_for(options) and best.exact:
        return known
    own = [(c.formula, c) for c in known]
    runners = [
        (other.formula, replace(c, edges=other.edges or (), others=())) for c in known for other in c.others
    ]
    owners = {id(formula): owner for formula, owner in (*own, *runners)}
    formulas = [formula for formula, _ in (*own, *runners)]
    made = [
        with_formula(owners[id(before)], after, table)
        for before, after in under_models(formulas, table, options)
    ]
    return made if made and only_asked_for(options) else [*known, *made]


def with_formula(candidate: Candidate, formula: Formula, table: Dataset) -> Candidate:
    """The candidate with its formula under a model of the errors."""
    quality = Quality(
        (formula.rmse or 0.0) / (float(table.y.std()) or 1.0),
        final_bits(formula, table),
        is_noise(table.x, white_residual(formula, table)),
    )
    own = formula.text == candidate.formula.text
    return replace(candidate, formula=formula, quality=quality, others=candidate.others if own else ())
