"""The used columns of a table in fixed blocks of rows, from memory where they have room there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCK = 4096
"""Rows of a block: sums are of blocks, added in their order, so that they do not depend on the pieces of a file."""
MOST_KEPT = 1 << 28
"""Bytes of numbers that are kept instead of being read again."""


def in_blocks(parts: Iterable[Array], size: int = BLOCK) -> Iterator[Array]:
    """The same rows (n, columns), `size` at a time; the last block may be shorter."""
    pending: list[Array] = []
    count = 0
    for part in parts:
        start = 0
        while count + len(part) - start >= size:
            end = start + size - count
            pending.append(part[start:end])
            # In one order in memory, on which the rounding of sums depends.
            yield np.ascontiguousarray(np.concatenate(pending) if len(pending) > 1 else pending[0])
            pending, count, start = [], 0, end
        if start < len(part):
            pending.append(part[start:])
            count += len(part) - start
    if count:
        yield np.ascontiguousarray(np.concatenate(pending))


@dataclass
class Rows:
    """`read` begins a pass over parts of rows (n, columns).

    What the first pass sees is kept up to MOST_KEPT bytes, or without a bound where it cannot be read again (`once`).
    """

    read: Callable[[], Iterable[Array]]
    once: bool = False
    kept: list[Array] = field(default_factory=list, repr=False)
    complete: bool = False

    def blocks(self) -> Iterator[Array]:
        """All rows in blocks of BLOCK."""
        if self.complete:
            yield from self.kept
            return
        self.kept, total, keep = [], 0, True
        for block in in_blocks(self.read()):
            if keep:
                self.kept.append(block)
                total += block.nbytes
                if total > MOST_KEPT and not self.once:
                    self.kept, keep = [], False
            yield block
        self.complete = keep
