"""What a table offers to whoever passes over its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.roles import Roles
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.layout import Layout


@dataclass(frozen=True, eq=False)
class Part:
    """Consecutive rows: finite values (rows, requested columns), and how many others were left out as incomplete."""

    values: NDArray[np.float64]
    dropped: int


class Table(Protocol):
    """`label` names it in messages; `remarks` are for the user; `roles`: what its columns are."""

    @property
    def label(self) -> str: ...

    @property
    def layout(self) -> Layout: ...

    @property
    def remarks(self) -> tuple[str, ...]: ...

    @property
    def roles(self) -> Roles: ...

    def parts(
        self,
        columns: Sequence[int],
        *,
        drop_missing: bool,
        positive: Sequence[tuple[int, str]] = (),
        encodings: Mapping[int, Encoding] | None = None,
    ) -> Iterator[Part]:
        """The columns (from 0) of all rows, those with an encoding as that says. Raises DataError where a
        cell is no finite number, or where a column of `positive`, each with the reason, is not above 0."""
        ...
