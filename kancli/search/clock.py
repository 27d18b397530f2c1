"""The clock of a search: it ends the search, and chooses nothing within it.

The search asks the clock before each unit of work; each time counts. Where the time is over it ends, and where it
ended is recorded: a search that is given this record ends at the same places, however long it takes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn


class TimeIsUpError(Exception):
    """The search, or this part of it, has to come to an end."""


@dataclass
class Record:
    """Units of work so far, and the numbers of units after which the clock has ended something: `ends`. `again`: the
    ends of an earlier search, which this one repeats whatever the time."""

    again: Sequence[int] | None = None
    units: int = 0
    ends: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Clock:
    """`began`, `deadline`: monotonic seconds; the current part of the search ends at the share `part` of the time."""

    began: float
    deadline: float
    record: Record = field(default_factory=Record)
    part: float = 1.0

    @property
    def alarm(self) -> float:
        """The moment at which a unit of work in progress is ended; infinite where an earlier search is repeated."""
        if self.record.again is not None:
            return math.inf
        return self.began + self.part * (self.deadline - self.began)

    def until(self, part: float) -> Clock:
        """The same clock for a part of the search that ends at this share of the time."""
        return replace(self, part=part)

    def shortened(self, share: float) -> Clock:
        """The same clock for a task that has only this share of the time."""
        return replace(self, deadline=self.began + share * (self.deadline - self.began))

    def extended(self, seconds: float) -> Clock:
        """The same clock with some more time."""
        return replace(self, deadline=self.deadline + seconds, part=1.0)

    def check(self) -> None:
        """Ask before a unit of work. Raises TimeIsUpError where there is to be none."""
        record = self.record
        if record.again is None:
            over = time.monotonic() >= self.alarm
        else:
            over = len(record.ends) < len(record.again) and record.again[len(record.ends)] == record.units
        if over:
            self._end()
        record.units += 1

    def interrupted(self) -> NoReturn:
        """The unit asked for last was ended. Raises TimeIsUpError."""
        self.record.units -= 1
        self._end()

    def _end(self) -> NoReturn:
        self.record.ends.append(self.record.units)
        raise TimeIsUpError
