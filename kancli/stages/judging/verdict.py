"""Whether a formula is to be believed: a law, an approximation, or not decided by these rows.

One place says so, from five questions: does the formula leave rounding only; do the inputs explain some of what it
leaves (lack of fit); how many bits is it ahead of the best formula of another form; can the rows carry its constants;
and does a network explain more. Everything that prints a formula prints this.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.stages.judging.confidence import Evidence, confidence
from kancli.stages.rounding import hidden_variance
from kancli.symbolic.description import carried, expected_bits
from kancli.symbolic.errors.fit import clipped, without_tails
from kancli.symbolic.expression import evaluate, variables
from kancli.symbolic.expression.form_of import FormKey, form_of
from kancli.symbolic.formula import Formula
from kancli.symbolic.noise import ROWS_EACH, chance, even, f_tail

Array = NDArray[np.float64]
Kind = Literal["exact", "law_with_noise", "approximation", "undecided", "nothing"]

# Relative errors of a formula below this are rounding of float64 data: nothing can be better.
EXACT = 1e-10
# The error of a formula may exceed that of rounding the table's digits by this factor: its constants are fitted.
AT_ROUNDING = 1.2
# What a law leaves at the rounding of a table; where its digits are fewer, approximations reach that as well.
DEEP = 1e-6
# Chance alone explains so much of the residuals in one of so many tables; with few degrees of freedom, where one
# wrong digit in the table is enough, in one of a thousand.
STRUCTURE, STRUCTURE_IN_FEW, FEW = 0.01, 0.001, 8
# The posterior of a form is not 2^-bits: halved bits are calibrated. EXPERIMENTS: confidence
TEMPERATURE = 2.0
# A rival is named where it is within so many bits, and only so many are.
NEAR, MOST_RIVALS = 12.0, 5
# A constant that is so near in bits is as good as the formula.
AS_GOOD = 3.0
# Two formulas whose values differ by less than this share of the error are one function in two writings.
SAME = 1e-3
# A network that leaves less than this share of what the formula leaves knows something that the formula does not.
KNOWS_MORE, JUDGING_ROWS = 0.5, 10
# A target of so few values, each in many rows, is a code: no measurement has such errors.
CODES, ROWS_PER_CODE = 8, 8
# A law is claimed where it is the case more often than this.
CLAIMED = 0.75


@dataclass(frozen=True)
class Rival:
    """A formula of another form, and how many bits its description is longer (negative: shorter)."""

    formula: str
    bits: float


@dataclass(frozen=True)
class Verdict:
    """`confidence`: the share of such formulas that are the law. `why`: one line for the reader."""

    kind: Kind
    confidence: float
    why: str
    rivals: tuple[Rival, ...] = ()

    def metadata(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "confidence": round(self.confidence, 3),
            "why": self.why,
            "rivals": [{"formula": r.formula, "bits": round(r.bits, 1)} for r in self.rivals],
        }


@dataclass(frozen=True)
class Judged:
    """A formula and its description length."""

    formula: Formula
    bits: float


@dataclass(frozen=True)
class Known:
    """What all rows of a table say of a formula where `dataset` is a sample of them: how many there are, the chance
    of a lack of fit, 1 − r², and the mean square of the residuals."""

    rows: int
    chance: float
    unexplained: float
    mse: float


def verdict_on(
    chosen: Judged,
    others: Sequence[Judged],
    dataset: Dataset,
    network: float | None = None,
    known: Known | None = None,
) -> Verdict:
    """The verdict on a formula among the others that were found for a table.

    `network`: the share of the target's variance, on held-out rows, that the best network leaves; None where there
    was none. `known`: the figures of all rows where these are a sample.
    """
    return verdict_among(chosen, rivals_of(chosen, others, dataset), dataset, network, known)


def verdict_among(
    chosen: Judged,
    rivals: Sequence[Rival],
    dataset: Dataset,
    network: float | None = None,
    known: Known | None = None,
) -> Verdict:
    """The same where the rivals are known, the shortest description first."""
    formula, rows = chosen.formula, len(dataset.y) if known is None else known.rows
    share = 1 / (1 + sum(2 ** (-min(max(r.bits, -60.0), 60.0) / TEMPERATURE) for r in rivals))
    near = tuple(r for r in rivals if r.bits < NEAR)[:MOST_RIVALS]
    exact = at_rounding(formula, dataset, None if known is None else known.mse)
    chances = 1.0
    if not exact:
        chances = chance_of_lack_of_fit(formula, dataset) if known is None else known.chance
    structure = chances < (STRUCTURE if rows - formula.free >= FEW else STRUCTURE_IN_FEW)
    unexplained = left_over(formula, dataset) if known is None else known.unexplained
    deep = exact and unexplained <= DEEP
    sure = confidence(Evidence(share, formula.free, rows, unexplained, structure, deep))
    less = network is not None and knows_more(network, formula, dataset)

    def verdict(kind: Kind, why: str, at_most: float = 1.0) -> Verdict:
        return Verdict(kind, min(sure, at_most), why, near)

    if not variables(formula.expression):
        if rows < FEW:
            return verdict("undecided", f"{rows} rows are too few to tell", 0.3)
        why = "the inputs explain some of the target, but no formula was found" if structure else (
            "no input explains any of the target"
        )  # fmt: skip
        return verdict("approximation" if structure or less else "nothing", why, 0.3)
    if not carried(rows, formula.free):
        return verdict("undecided", f"{rows} rows do not carry {formula.free} fitted constants", 0.3)
    if not (exact or structure) and constant_bits(dataset) <= chosen.bits + AS_GOOD:
        if by_chance(unexplained, formula.free, rows) > STRUCTURE:
            return verdict("nothing", "a constant describes the target as briefly", 0.3)
        why = "a constant describes the target as briefly, but chance hardly makes such a formula"
        return verdict("undecided", why, CLAIMED)
    if less:
        assert network is not None
        why = f"a network leaves {network:.2g} of the variance, the formula {unexplained:.2g}"
        return verdict("approximation", why, 0.3)
    if not exact and (few := few_values(dataset, rows)):
        why = f"the target takes {few} values only: what the formula leaves of them is no noise"
        return verdict("approximation", why, 0.3)
    if structure:
        return verdict("approximation", f"the inputs explain some of what it leaves (p = {chances:.2g})", 0.3)
    if sure >= CLAIMED:
        if exact:
            return verdict("exact", "it leaves rounding only")
        r2 = "" if formula.r2 is None else f"; r² {formula.r2:.4g}"
        return verdict("law_with_noise", f"the inputs explain nothing of what it leaves{r2}")
    if near and share < CLAIMED:
        return verdict("undecided", f"{near[0].formula} is {told(near[0].bits)}", CLAIMED)
    if rows < ROWS_EACH * (1 + dataset.x.shape[1]):
        return verdict("undecided", f"{rows} rows are too few to tell noise from structure", CLAIMED)
    return verdict(
        "undecided", f"{rows} rows leave it open: of such formulas {sure:.0%} are the law", CLAIMED
    )


def chance_of_lack_of_fit(formula: Formula, dataset: Dataset) -> float:
    """The probability that chance explains as much of what a formula leaves as the inputs do, with or without its
    tails: outliers hide structure."""
    left = white_residual(formula, dataset)
    bulk = without_tails(left)
    return min(chance(dataset.x, one) for one in ([left] if bulk is left else [left, bulk]))


def told(bits: float) -> str:
    """How much longer a rival is, in words."""
    return f"{bits:.1f} bits longer" if bits > 0 else f"{-bits:.1f} bits shorter"


def residual_of(formula: Formula, dataset: Dataset) -> Array:
    """Target less formula, (n,)."""
    with np.errstate(all="ignore"):
        return np.asarray(dataset.y - evaluate(formula.expression, dataset.x))


def left_over(formula: Formula, dataset: Dataset) -> float:
    """1 − r², without the rows that are outliers."""
    outliers = () if formula.errors is None else formula.errors.outliers
    if not outliers:
        return 1 - (formula.r2 if formula.r2 is not None else 0.0)
    rest = np.setdiff1d(np.arange(len(dataset.y)), outliers)
    residual, y = residual_of(formula, dataset)[rest], dataset.y[rest]
    total = float(np.sum((y - y.mean()) ** 2))
    return float(np.sum(residual**2)) / total if total > 0 else 1.0


def white_residual(formula: Formula, dataset: Dataset) -> Array:
    """The residuals (n,) of one size, if the model of the errors holds; the rows that are outliers as large as the
    largest of the others."""
    if formula.errors is None or len(formula.errors.white) != len(dataset.y):
        return even(residual_of(formula, dataset), dataset.weight)
    return clipped(formula.errors)


def at_rounding(formula: Formula, dataset: Dataset, mse: float | None = None) -> bool:
    """Whether the residuals, of which `mse` may be known, are those of rounding: of float64, or of the digits of the
    table."""
    error = float(np.mean(residual_of(formula, dataset) ** 2)) if mse is None else mse
    if not math.isfinite(error):
        return False
    spread = float(dataset.y.std()) or 1.0
    return error <= (EXACT * spread) ** 2 or error <= AT_ROUNDING**2 * float(
        np.mean(hidden_variance(formula.expression, dataset))
    )


def knows_more(network: float, formula: Formula, dataset: Dataset) -> bool:
    """Whether a network explains, on held-out rows, what the formula leaves."""
    if formula.errors is not None:
        return False  # by least squares, outliers and the largest values decide about a network
    held = int(dataset.validation.sum())
    if held < JUDGING_ROWS or formula.r2_validation is None:
        return False
    return network < KNOWS_MORE * (1 - formula.r2_validation) and 1 - formula.r2_validation > EXACT**2


def few_values(dataset: Dataset, rows: int) -> int:
    """How many values the target takes where they are so few that errors of it cannot be noise; else 0."""
    values = len(np.unique(dataset.y))
    return values if values <= CODES and values * ROWS_PER_CODE <= rows else 0


def by_chance(unexplained: float, free: int, rows: int) -> float:
    """How often a formula with so many constants leaves as little of a target of noise."""
    above, below = max(free - 1, 1), rows - free - 1
    if below < 1:
        return 1.0
    left = max(unexplained, EXACT)
    return f_tail((1 - left) / above / (left / below), above, below) if left < 1 else 1.0


def constant_bits(dataset: Dataset) -> float:
    """The description length of the target's mean: a mean square of 1, one constant."""
    return expected_bits(len(dataset.y))


def rivals_of(chosen: Judged, others: Sequence[Judged], dataset: Dataset) -> list[Rival]:
    """The best formula of each other form, the shortest description first; the same function is no rival."""
    own = form_of(chosen.formula.expression)
    own_values = evaluate(chosen.formula.expression, dataset.x)
    width = SAME * max(chosen.formula.rmse or 0.0, EXACT * float(dataset.y.std()))
    best: dict[FormKey, Judged] = {}
    for other in others:
        key = form_of(other.formula.expression)
        if key == own or not math.isfinite(other.bits):
            continue
        if key not in best or other.bits < best[key].bits:
            best[key] = other
    found: list[tuple[Judged, Array]] = []
    for other in sorted(best.values(), key=lambda o: o.bits):
        with np.errstate(all="ignore"):
            values = np.broadcast_to(evaluate(other.formula.expression, dataset.x), len(dataset.y))
            known = [own_values, *(v for _, v in found)]
            new = not any(float(np.sqrt(np.mean((values - one) ** 2))) <= width for one in known)
        if new:
            found.append((other, values))
    return [Rival(other.formula.text, other.bits - chosen.bits) for other, _ in found]
