"""A candidate: a formula for a table, what it was made by, and how well it describes the data."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from kancli import __version__
from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.search.effort import Effort
from kancli.search.trained import Shape
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import Runner, facts_of_formula, front_of
from kancli.stages.rounding import hidden_variance
from kancli.symbolic.errors.fit import without_tails
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import Formula
from kancli.symbolic.noise import even, is_noise

# Relative errors of a formula below this are rounding of the data: nothing can be better.
EXACT = 1e-10
# Digits of a table that are worth as much: an error of their rounding, with a margin, where that is below this share
# of the deviation. Fewer digits are reached by approximations as well.
MANY_DIGITS, MARGIN = 1e-5, 1.2
# More constants than this without an exact value: a curve that fits, perhaps no law. Noise hides more.
FEW_EXACT, FEW_NOISY = 2, 1

Origin = Literal["network", "product", "sum", "form"]
"""What a formula was read off: a network, a product of powers, a sum of several, or a form given by the user."""


@dataclass(frozen=True)
class Quality:
    """How well a formula describes a table: its root mean square error in units of the target's deviation, its
    description length, whether the inputs explain nothing of what it leaves, and the error that the rounding of the
    table's digits explains, 0 where they are few."""

    error: float
    bits: float
    noise: bool
    rounding: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether the error is rounding: of float64, or of the many digits that the table has."""
        return self.error <= max(EXACT, self.rounding)


@dataclass(frozen=True)
class Candidate:
    """A formula with the runners-up `others`, one entry per edge, and remarks.

    `base` is its version without anything about the formula, `history` the versions before it. `made_from` is the
    rewritten table in which the history was made, None where that is the table itself.
    """

    formula: Formula
    quality: Quality
    origin: Origin
    shape: Shape
    base: Checkpoint
    history: tuple[Checkpoint, ...] = ()
    others: tuple[Runner, ...] = ()
    edges: tuple[Mapping[str, Any], ...] = ()
    remarks: tuple[str, ...] = ()
    effort: Effort = "full"
    made_from: Dataset | None = None

    @property
    def error(self) -> float:
        """Root mean square error in units of the target's deviation."""
        return self.quality.error

    @property
    def exact(self) -> bool:
        """Whether the error is rounding."""
        return self.quality.exact

    @property
    def bits(self) -> float:
        """Description length of formula and data."""
        return self.quality.bits

    @property
    def noise(self) -> bool:
        """Whether the inputs explain nothing of what the formula leaves."""
        return self.quality.noise

    @property
    def explains(self) -> bool:
        """Whether the formula's error is that of the data: rounding, or noise."""
        return self.exact or self.noise

    @property
    def plain(self) -> bool:
        """Whether (nearly) all constants have exact values, as in a law."""
        if self.exact:
            return self.formula.free <= FEW_EXACT
        # Of all the sums that were tried, one with a free constant may follow the noise.
        return self.formula.free <= (FEW_NOISY if self.origin != "sum" else 0)

    def version(self, table: Dataset) -> Checkpoint:
        """Its version: the base with all facts about the formula."""
        return replace(
            self.base,
            metadata={
                **self.base.metadata,
                **facts_of_formula(self.formula, table),
                "edges": [dict(edge) for edge in self.edges],
                "splines_left": 0,
                "front": front_of(self.formula, self.others),
                "remarks": list(self.remarks),
            },
        )

    def road(self, table: Dataset) -> list[tuple[Checkpoint, Dataset]]:
        """The versions in their order, each with the data that it was made from."""
        made_from = table if self.made_from is None else self.made_from
        return [*((version, made_from) for version in self.history), (self.version(table), table)]


def quality_of(formula: Formula, table: Dataset) -> Quality:
    """The quality of a formula in the table's columns; infinite where it has no value on some row."""
    if formula.rmse is None or not math.isfinite(formula.rmse):
        return Quality(math.inf, math.inf, False)
    with np.errstate(all="ignore"):
        residual = table.y - evaluate(formula.expression, table.x)
    spread, left = float(table.y.std()) or 1.0, even(residual, table.weight)
    bulk = without_tails(left)
    return Quality(
        formula.rmse / spread,
        final_bits(formula, table),
        is_noise(table.x, left) and (bulk is left or is_noise(table.x, bulk)),
        rounding_of(formula.expression, table) / spread,
    )


def rounding_of(expression: Expression, table: Dataset) -> float:
    """The error that the rounding of the table's digits explains, in units of the target; 0 where they are few."""
    error = MARGIN * math.sqrt(float(np.mean(hidden_variance(expression, table))))
    return error if error <= MANY_DIGITS * float(table.y.std()) else 0.0


def without_network(
    stage: str, table: Dataset, seed: int, options: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> Checkpoint:
    """The base of a version whose formula was not read off a network of this table."""
    return Checkpoint(
        stage,
        {},
        {
            "inputs": list(table.inputs),
            "constant": dict(table.constant),
            "seed": seed,
            "versions": {"kancli": __version__, "python": platform.python_version()},
            "options": dict(options),
            **(more or {}),
        },
    )
