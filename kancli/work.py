"""Work, counted where it is done: what a search spends instead of seconds.

A unit of work is about what one core does in one second, but no clock is read: it is counted from sizes (rows,
columns, steps), so that the same search counts the same work on every machine, however busy. A search divides its
work by shares; the clock only ends it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

# Multiply-adds per unit, and units per call whatever its size: numpy and torch take some time to start. Measured on
# one core of a machine of 2024 (tests/benchmarks/work_units.py); EXPERIMENTS: work-units.
FLOPS = 1e10
CALL = 6e-5
# Multiply-adds that a function of every element of an array takes as long as.
ELEMENTWISE = 25.0


class OutOfWorkError(Exception):
    """An allowance is used up."""


class _Meter:
    """What this process has spent, and up to where it may."""

    spent: float = 0.0
    most: float = math.inf


def spend(flops: float, calls: float = 1.0) -> None:
    """Count some work: multiply-adds, and calls of array functions that they took.

    Raises OutOfWorkError where that uses up an allowance.
    """
    add(flops / FLOPS + CALL * calls)


def add(units: float) -> None:
    """Count work in units, such as that of another process. Raises as `spend` does."""
    _Meter.spent += units
    if _Meter.spent > _Meter.most:
        raise OutOfWorkError


def spent() -> float:
    """All work that this process has counted, in units."""
    return _Meter.spent


@contextmanager
def allowance(units: float) -> Iterator[None]:
    """Within it, spending more than so many units raises OutOfWorkError."""
    before = _Meter.most
    _Meter.most = min(before, _Meter.spent + units)
    try:
        yield
    finally:
        _Meter.most = before
