"""Trajectories: states over time, from one table each or from one table with a column that tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.errors import DataError, UsageError

Array = NDArray[np.float64]

# A smoothing spline has to be determined, and tested on what it leaves.
FEWEST = 12


@dataclass(frozen=True, eq=False)
class Trajectory:
    """`states` (n, d) at the times `t` (n,), which increase; `name` for messages and pictures."""

    name: str
    t: Array
    states: Array


@dataclass(frozen=True, eq=False)
class System:
    """Trajectories of the same law. `states`: the names of the columns that change in time, each of which gets a law;
    `parameters`: those of columns that are constant in each trajectory, the last columns of every `states` array."""

    time: str
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    trajectories: tuple[Trajectory, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns but the time, in the order of the arrays."""
        return (*self.states, *self.parameters)


def system_of(
    time: str, columns: Sequence[str], tables: Sequence[tuple[str, Array]], *, by: str | None = None
) -> System:
    """The system behind tables (label, rows (n, columns)) with the same columns, one of which is `time`.

    `by` names the column that tells the trajectories of one table apart. Raises UsageError for a name that is no
    column, DataError for times that occur twice and for trajectories that are too short.
    """
    for name in (time, *(() if by is None else (by,))):
        if name not in columns:
            raise UsageError(f"no column {name!r}", f"columns: {', '.join(columns)}")
    place = list(columns).index(time)
    aside = {place} if by is None else {place, list(columns).index(by)}
    kept = [i for i in range(len(columns)) if i not in aside]
    parts = [
        ordered(label, rows[:, place], rows[:, kept])
        for table, values in tables
        for label, rows in parted(table, values, None if by is None else list(columns).index(by))
    ]
    moving = [i for i in range(len(kept)) if any(np.ptp(one.states[:, i]) > 0 for one in parts)]
    if not moving:
        raise DataError("no column changes in time", f"{time} is the time")
    resting = [i for i in range(len(kept)) if i not in moving]
    varied = [i for i in resting if len({float(one.states[0, i]) for one in parts}) > 1]
    order = [*moving, *varied]
    return System(
        time,
        tuple(columns[kept[i]] for i in moving),
        tuple(columns[kept[i]] for i in varied),
        tuple(Trajectory(one.name, one.t, one.states[:, order]) for one in parts),
    )


def parted(label: str, rows: Array, by: int | None) -> Iterator[tuple[str, Array]]:
    """The trajectories of one table, each with its label."""
    if by is None:
        yield label, rows
        return
    for value in np.unique(rows[:, by]):
        yield f"{label}, {value:g}", rows[rows[:, by] == value]


def ordered(label: str, t: Array, states: Array) -> Trajectory:
    """The trajectory with its rows in the order of time."""
    if len(t) < FEWEST:
        raise DataError(
            f"{label}: {len(t)} points are too few",
            f"a trajectory has at least {FEWEST}; or name it by a column",
        )
    order = np.argsort(t, kind="stable")
    t, states = t[order], states[order]
    if (np.diff(t) <= 0).any():
        twice = float(t[:-1][np.diff(t) <= 0][0])
        raise DataError(
            f"{label}: the time {twice:g} occurs twice",
            "--trajectory COLUMN tells trajectories in one table apart",
        )
    return Trajectory(label, t, states)
