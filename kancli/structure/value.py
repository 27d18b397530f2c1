"""What is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "irrelevant", "additive", "multiplicative", "symmetry", "homogeneous", "periodic", "monotonic", "convex"
]


@dataclass(frozen=True)
class Claim:
    """`text` says it in column names. `bits`: how much shorter the description is than without it; `p`: the chance
    that what it leaves is noise, or of the test that it rests on."""

    kind: Kind
    columns: tuple[str, ...]
    text: str
    bits: float | None = None
    p: float | None = None
    value: float | None = None

    def metadata(self) -> dict[str, Any]:
        """The keys of `kan structure --json`."""
        return {**vars(self), "columns": list(self.columns)}


@dataclass(frozen=True)
class Influence:
    """The share of the target's variance that changes with an input, with a 95 % interval."""

    column: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Structure:
    """`explained`: the share of the target's variance that the polynomial of all inputs explains; `p` the chance that
    noise explains as much."""

    target: str
    rows: int
    explained: float
    p: float
    influence: tuple[Influence, ...]
    claims: tuple[Claim, ...]
