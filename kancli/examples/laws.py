"""The laws of laws.toml, and rows that follow them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError


@dataclass(frozen=True)
class Law:
    """target = formula, with each input drawn evenly from its range (low, high)."""

    name: str
    about: str
    target: str
    formula: str
    ranges: Mapping[str, tuple[float, float]]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs of the formula, in order."""
        return tuple(self.ranges)


@lru_cache(maxsize=1)
def laws() -> Mapping[str, Law]:
    """All laws by name, in the order of the file."""
    text = files("kancli.examples").joinpath("laws.toml").read_text(encoding="utf-8")
    return {
        name: Law(
            name,
            entry["about"],
            entry["target"],
            entry["formula"],
            {column: (float(low), float(high)) for column, (low, high) in entry["ranges"].items()},
        )
        for name, entry in tomllib.loads(text).items()
    }


def law(name: str) -> Law:
    """The law of that name, whatever its case. Raises UsageError with the nearest names."""
    folded = {known.casefold(): known for known in laws()}
    if name.casefold() in folded:
        return laws()[folded[name.casefold()]]
    near = difflib.get_close_matches(name.casefold(), folded, n=3)
    hint = f"did you mean {', '.join(folded[n] for n in near)}?" if near else "kan example lists them"
    raise UsageError(f"no example {name!r}", hint)


def sample(
    law: Law, rows: int, *, noise: float = 0.0, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs (rows, d) and target (rows,): the law plus normal noise.

    `noise` is its standard deviation as a share of the target's own.
    """
    from kancli.symbolic.expression.program import evaluate
    from kancli.symbolic.text.parser import parse

    rng = np.random.default_rng(seed)
    low, high = np.array(list(law.ranges.values())).T
    x = rng.uniform(low, high, (rows, len(low)))
    y = evaluate(parse(law.formula, law.inputs), x)
    return x, y + noise * float(y.std()) * rng.normal(size=rows) if noise else y
