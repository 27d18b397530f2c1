"""How a stage reports its progress: values passed to a callback, never printed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report from a stage. `loss` is the mean squared error in scaled units, `r2` the
    coefficient of determination, both on the held-out rows where there are any."""

    stage: str
    step: int
    total: int | None
    loss: float | None
    r2: float | None
    message: str = ""
    final: bool = False


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """The report that ignores everything."""
