"""Whether a formula for log-odds is to be believed.

Residuals of labels are tested as those of numbers are, once they are normal: the randomised quantile residuals of the
right formula are (Dunn & Smyth, Journal of Computational and Graphical Statistics 5, 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.stages.judging.verdict import (
    AS_GOOD,
    CLAIMED,
    MOST_RIVALS,
    NEAR,
    STRUCTURE,
    TEMPERATURE,
    Judged,
    Verdict,
    rivals_of,
)
from kancli.symbolic.expression import evaluate, variables
from kancli.symbolic.noise import chance

Array = NDArray[np.float64]

# A formula that leaves structure is the law this rarely; none of so few labels is surer than this.
NO_LAW, SUREST = 0.05, 0.95


def verdict_of(
    chosen: Judged, others: Sequence[Judged], table: Dataset, happened: NDArray[np.bool_], seed: int
) -> Verdict:
    """The verdict on log-odds among others, in the table of its working response; `happened` (n,) are the labels."""
    expression = chosen.formula.expression
    eta = np.broadcast_to(evaluate(expression, table.x), len(happened))
    p = chance(table.x, quantile_residuals(eta, happened, seed))
    rivals = rivals_of(chosen, others, table)
    share = 1 / (1 + sum(2 ** (-min(max(r.bits, -60.0), 60.0) / TEMPERATURE) for r in rivals))
    near = tuple(r for r in rivals if r.bits < NEAR)[:MOST_RIVALS]
    constant = min((j.bits for j in others if not variables(j.formula.expression)), default=np.inf)
    if p < STRUCTURE:
        why = f"the inputs explain some of what it leaves (p = {p:.2g})"
        return Verdict("approximation", NO_LAW, why, near)
    if not variables(expression):
        return Verdict("nothing", min(share, SUREST), "no input explains any of the target", near)
    if constant <= chosen.bits + AS_GOOD:
        return Verdict("undecided", min(share, 0.3), "a constant describes the labels as briefly", near)
    sure = min(share, SUREST)
    if sure < CLAIMED:
        return Verdict("undecided", sure, "formulas of another form describe the labels as briefly", near)
    return Verdict(
        "law_with_noise", sure, f"the inputs explain nothing of what it leaves (p = {p:.2g})", near
    )


def quantile_residuals(eta: Array, happened: NDArray[np.bool_], seed: int) -> Array:
    """Residuals (n,) that are standard normal at the right log-odds (n,)."""
    p = 1 / (1 + np.exp(-eta))
    part = np.random.default_rng(seed).uniform(size=len(eta))
    level = np.where(happened, 1 - p + p * part, (1 - p) * part)
    normal = NormalDist()
    return np.array([normal.inv_cdf(min(max(value, 1e-12), 1 - 1e-12)) for value in level.tolist()])
