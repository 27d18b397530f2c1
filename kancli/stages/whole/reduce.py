"""Sums over all rows: of blocks, in an order that does not depend on who computes them.

Blocks make sections, sections the table; each is added up in its order, so that processes and machines that do
sections have the same bytes as one that does all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol, Self, TypeVar

from kancli.dataset import Block


class Sums(Protocol):
    """What adds up."""

    def merged(self, other: Self) -> Self: ...


S = TypeVar("S", bound=Sums)

SECTION = 64
"""Blocks of a section."""


def over(blocks: Iterable[Block], of: Callable[[Block], S]) -> S:
    """The sums over all blocks, of which there is at least one."""
    pending = iter(blocks)
    total: S | None = None
    while (here := section(islice(pending, SECTION), of)) is not None:
        total = here if total is None else total.merged(here)
    assert total is not None
    return total


def section(blocks: Iterator[Block], of: Callable[[Block], S]) -> S | None:
    """The sums over the blocks of one section; None where there is none."""
    total: S | None = None
    for block in blocks:
        one = of(block)
        total = one if total is None else total.merged(one)
    return total
