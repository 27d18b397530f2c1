"""What a table offers to whoever passes over its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.layout import Layout


@dataclass(frozen=True, eq=False)
class Part:
    """Consecutive rows: finite values (rows, requested columns), and how many others were left out as incomplete."""

    values: NDArray[np.float64]
    dropped: int


class Table(Protocol):
    """`label` names it in messages; `remarks` are for the user."""

    @property
    def label(self) -> str: ...

    @property
    def layout(self) -> Layout: ...

    @property
    def remarks(self) -> tuple[str, ...]: ...

    def parts(
        self, columns: Sequence[int], *, drop_missing: bool, positive: Sequence[tuple[int, str]] = ()
    ) -> Iterator[Part]:
        """The columns (from 0) of all rows. Raises DataError where a cell is no finite number, or where a column of
        `positive`, each with the reason, is not above 0."""
        ...
