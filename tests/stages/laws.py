"""Whether a formula is the law, judged by its values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kancli.symbolic.expression import evaluate
from kancli.symbolic.parser import parse


def values(formula: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """A formula at the rows of some columns, read by the safe parser."""
    names = tuple(columns)
    return evaluate(parse(formula, names), np.column_stack([columns[name] for name in names]))


def same(formula: str, law: str, *, low: float = -1.0, high: float = 1.0, inputs: int = 2) -> bool:
    """Whether both have the same values, to nine digits, on fresh points of the box."""
    rng = np.random.default_rng(99)
    columns = {f"x{i + 1}": rng.uniform(low, high, 500) for i in range(inputs)}
    found, wanted = values(formula, columns), values(law, columns)
    return bool(np.max(np.abs(found - wanted)) <= 1e-9 * np.max(np.abs(wanted)))
