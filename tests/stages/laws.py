"""Tables with a known law, and whether a formula is that law, judged by its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kancli.dataset import Dataset
from kancli.stages.progress import silent
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.parser import parse

HOW = {"seed": 0, "jobs": 1, "report": silent}
Table = Callable[..., Dataset]


def write_table(
    path: Path,
    law: Callable[..., np.ndarray],
    *,
    inputs: int = 2,
    low: float = -1.0,
    high: float = 1.0,
    count: int = 300,
    noise: float = 0.0,
) -> Path:
    """x1, …, y = law(x1, …) with noise relative to y's standard deviation."""
    rng = np.random.default_rng(7)
    x = rng.uniform(low, high, (inputs, count))
    y = law(*x)
    y = y + noise * np.std(y) * rng.normal(size=count)
    lines = [",".join([*(f"x{i + 1}" for i in range(inputs)), "y"])]
    lines += [",".join(repr(float(v)) for v in row) for row in np.column_stack([*x, y])]
    path.write_text("\n".join(lines) + "\n")
    return path


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
