"""Datasets from what a program has in memory: data frames, mappings of columns, arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.assemble import assemble
from kancli.dataset.value import Dataset
from kancli.dataset.weights import row_weights, weighting
from kancli.errors import DataError, UsageError

SOURCE = "-"
"""The source of a dataset from memory: like standard input, it cannot be read again."""
LABEL = "the table"


def from_memory(
    table: Any,
    y: Any = None,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sigma: Any = None,
    weights: Any = None,
    validation: float = 0.2,
    seed: int = 0,
    drop_missing: bool = False,
) -> tuple[Dataset, tuple[str, ...]]:
    """The dataset of a table with named columns, or of arrays x (n, inputs) and y (n,); and the inputs as given,
    constant ones among them.

    `table` is a data frame or a mapping of columns, whose target is the column `target`, by default `y` if given
    and else the last one; or an array, whose columns are called x1, x2, … where `inputs` does not name them.
    `sigma` (standard errors of the target) and `weights` are names of columns or arrays (n,). `drop_missing` leaves
    rows out in which one of these has no value. Raises DataError
    for anything but a table of finite numbers, UsageError for contradictory arguments.
    """
    kind = weighting(None if sigma is None else "sigma", None if weights is None else "weights")
    amount = sigma if weights is None else weights
    columns = named_columns(table)
    if columns is None:
        columns = numbered_columns(table, inputs, drop_missing)
        if y is None:
            raise UsageError("an array of inputs needs y, the target", "or give a data frame and target=")
    remarks: list[str] = []
    if drop_missing:
        columns, y, amount, remarks = without_missing(columns, y, amount, {target, *(inputs or columns)})
    aside = {amount} if isinstance(amount, str) else set()
    target, goal, names = chosen(columns, y, target, inputs, aside)
    x = stacked([vector(column(columns, name), name) for name in names], len(goal))
    if len(goal) < 2:
        raise DataError(f"{LABEL}: at least two rows are needed, not {len(goal)}")
    weight: NDArray[np.float64] | None = None
    noise: float | None = None
    if kind is not None:
        name = amount if isinstance(amount, str) else kind.column
        values = vector(column(columns, amount) if isinstance(amount, str) else amount, name)
        if values.shape != goal.shape or not (values > 0).all():
            raise DataError(f"{LABEL}: {name} must be one number above 0 for each of {len(goal)} rows")
        weight, noise = row_weights(values, kind)
    dataset = assemble(
        names,
        target,
        x,
        goal,
        label=LABEL,
        source=SOURCE,
        validation=validation,
        seed=seed,
        remarks=remarks,
        weight=weight,
        noise=noise,
    )
    return dataset, tuple(names)


def without_missing(
    columns: Mapping[str, Any], y: Any, amount: Any, used: set[str | None]
) -> tuple[dict[str, Any], Any, Any, list[str]]:
    """Columns, `y` and `amount` without the rows in which one of the `used` columns or of these has no value, and a
    remark that says how many they were."""
    arrays = [values for name, values in columns.items() if name in used or name == amount]
    arrays += [values for values in (y, amount) if values is not None and not isinstance(values, str)]
    found = [np.isnan(np.asarray(as_floats(values, LABEL), dtype=np.float64)) for values in arrays]
    if len({flags.shape for flags in found}) != 1:
        raise DataError(f"{LABEL}: columns of different lengths")
    kept = ~np.logical_or.reduce(found)
    if kept.all():
        return dict(columns), y, amount, []

    def rows(values: Any) -> Any:
        return values if values is None or isinstance(values, str) else np.asarray(values)[kept]

    lost = int((~kept).sum())
    remark = f"{LABEL}: {lost} row{'s' * (lost != 1)} with missing values left out, {int(kept.sum())} used"
    return {key: rows(values) for key, values in columns.items()}, rows(y), rows(amount), [remark]


def numbered_columns(table: Any, names: Sequence[str] | None, missing: bool = False) -> dict[str, Any]:
    """The columns of an array of inputs: named by `names`, or x1, x2, …"""
    matrix = as_matrix(table, missing)
    names = names if names is not None else [f"x{i + 1}" for i in range(matrix.shape[1])]
    if len(names) != matrix.shape[1]:
        raise UsageError(f"{len(names)} input names for {matrix.shape[1]} columns")
    return dict(zip(names, matrix.T, strict=True))


def chosen(
    columns: Mapping[str, Any], y: Any, target: str | None, inputs: Sequence[str] | None, aside: set[str]
) -> tuple[str, NDArray[np.float64], list[str]]:
    """The target's name and values (n,), and the names of the inputs, none of which is in `aside`.

    Raises UsageError where they are not distinct columns.
    """
    if y is not None:
        target = target or str(getattr(y, "name", None) or "y")
        if target in columns:
            raise UsageError(f"{target!r} is both an input and the name of y", "target= names y")
        goal = vector(y, target)
    else:
        target = target or next((name for name in reversed(list(columns)) if name not in aside), "")
        goal = vector(column(columns, target), target)
    names = list(inputs) if inputs is not None else [n for n in columns if n not in {target, *aside}]
    if not names or target in names or len(set(names)) < len(names):
        raise UsageError(f"the inputs must be distinct columns other than {target!r}, at least one")
    return target, goal, names


def rows_of(table: Any, names: Sequence[str], inputs: Sequence[str]) -> NDArray[np.float64]:
    """The columns `inputs` (n, len(inputs)) of a table for prediction: by name, or of an array by position.

    `names` are all columns that the model was given in their order, of which it uses `inputs`; an
    array has the columns of one or the other. Raises DataError as `from_memory` does.
    """
    columns = named_columns(table)
    if columns is None:
        matrix = as_matrix(table)
        for order in (names, inputs):
            if matrix.shape[1] == len(order):
                return matrix[:, [list(order).index(name) for name in inputs]]
        raise DataError(f"{LABEL}: {matrix.shape[1]} columns, but the inputs are {', '.join(names)}")
    found = [vector(column(columns, name), name) for name in inputs]
    return stacked(found, len(found[0]))


def named_columns(table: Any) -> dict[str, Any] | None:
    """Column by column, where a table has names: a mapping, or a data frame of any library; else None."""
    if isinstance(table, Mapping):
        return {str(name): values for name, values in table.items()}
    # An Arrow table's columns are its values, a data frame's their names.
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if isinstance(names, Iterable):
        return {str(name): table[name] for name in names}
    return None


def column(columns: Mapping[str, Any], name: str) -> Any:
    """A column by its name."""
    if name not in columns:
        raise DataError(f"{LABEL}: no column {name!r}", f"columns: {', '.join(columns)}")
    return columns[name]


def as_matrix(table: Any, missing: bool = False) -> NDArray[np.float64]:
    """A table without names as (n, columns), where `missing` values may be in it or not."""
    matrix = as_floats(table, LABEL) if missing else numbers(table, LABEL)
    if matrix.ndim != 2 or not matrix.shape[1]:
        raise DataError(f"{LABEL}: must have two dimensions, rows and columns, not {matrix.ndim}")
    return matrix


def vector(values: Any, name: str) -> NDArray[np.float64]:
    """One column (n,) of finite numbers; the caller's array is not changed."""
    found = numbers(values, f"{LABEL}: column {name!r}")
    if found.ndim != 1:
        raise DataError(f"{LABEL}: column {name!r}: must have one dimension, not {found.ndim}")
    return found


def stacked(columns: Sequence[NDArray[np.float64]], rows: int) -> NDArray[np.float64]:
    """Columns of `rows` numbers as (rows, columns)."""
    if any(len(values) != rows for values in columns):
        raise DataError(f"{LABEL}: columns of different lengths")
    return np.stack(columns, axis=1)


def numbers(values: Any, label: str) -> NDArray[np.float64]:
    """A copy as finite float64. Raises DataError with the row (from 0) of the first value that is not finite."""
    found = as_floats(values, label)
    finite = np.isfinite(found)
    if not finite.all():
        row = int(np.argwhere(~finite)[0][0]) if found.ndim else 0
        raise DataError(
            f"{label}: row {row} is not a finite number", "leave such rows out: drop_missing=True"
        )
    return found


def as_floats(values: Any, label: str) -> NDArray[np.float64]:
    """A copy as float64. Raises DataError for anything but numbers and missing values."""
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise DataError(f"{label}: not numbers: {' '.join(str(problem).split())}") from problem


def frame_of(columns: Mapping[str, Sequence[Any]]) -> Any:
    """A pandas data frame of columns."""
    import pandas as pd

    return pd.DataFrame(dict(columns))
