"""What a careful person would notice in a table before fitting anything to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.inspection.profile import Column, Profile

Array = NDArray[np.float64]
Level = Literal["error", "warning", "note"]

# A value is far from the rest beyond this many interquartile ranges from the quartiles: of normal noise
# one value in 1e16 is.
FAR = 6.0
# More values than this share of the rows are a tail, not outliers.
FEW = 0.02
# Numbers that stand for "not measured" in files of old.
SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
# A column of whole numbers with at most so many different ones may be a category, not a quantity.
KINDS = 8
ENOUGH = 50
# Whole numbers, all different and this large, are identifiers.
NAMES = 1e5
# Rows per input below which a fit has too few data.
ROWS_PER_INPUT = 10
# Correlation, up to sign, at which one column adds nothing to another.
SAME = 1 - 1e-12


@dataclass(frozen=True)
class Finding:
    """A finding about a column, or about the whole table (None)."""

    level: Level
    column: str | None
    text: str
    hint: str | None = None


def findings(profile: Profile, inputs: Sequence[str], target: str) -> list[Finding]:
    """The findings about the columns in use, column by column, then about the table."""
    used = {column.name: column for column in profile.columns}
    found: list[Finding] = []
    for name in (*inputs, target):
        if name in used:
            found += of_column(used[name], is_input=name != target)
    found += of_table(profile, [used[n] for n in inputs if n in used], used.get(target))
    return found


def of_column(column: Column, *, is_input: bool) -> Iterator[Finding]:
    """The findings about one column."""
    numbers = column.numbers
    if column.kind == "empty":
        yield Finding("warning", column.name, "is empty", "choose other columns with --inputs")
        return
    if column.texts:
        examples = ", ".join(repr(text[:20]) for text, _ in column.texts.most_common(3))
        more = ", …" if len(column.texts) > 3 else ""
        share = f"{column.texts.total()} of {len(column.values)}"
        text = f"{share} cells are text, the first in line {column.first_text}: "
        yield Finding("warning", column.name, f"{text}{examples}{more}", "--inputs selects numeric columns")
    if column.missing:
        plural = "s" if column.missing > 1 else ""
        text = f"{column.missing} missing value{plural}, the first in line {column.first_missing}"
        yield Finding("warning", column.name, text, "--drop-missing leaves such rows out")
    if not len(numbers) or column.kind == "text":
        return
    if (numbers == numbers[0]).all():
        yield Finding("note", column.name, f"is always {numbers[0]:g}: set aside")
        return
    marker = sentinel(numbers)
    if marker is not None:
        count = int(np.count_nonzero(numbers == marker))
        text = f"{marker:g} ({count} time{'s' * (count > 1)}) lies far from the rest: does it mean missing?"
        yield Finding("warning", column.name, text, "leave the cells empty, and use --drop-missing")
        numbers = numbers[numbers != marker]
    outliers = far_ones(numbers)
    if len(outliers):
        farthest = outliers[np.argmax(np.abs(outliers - np.median(numbers)))]
        line = column.lines[np.flatnonzero(column.values == farthest)[0]]
        text = (
            f"{len(outliers)} value{'s' * (len(outliers) > 1)} far from the rest: {farthest:g} in line {line}"
        )
        yield Finding("warning", column.name, text, "a true measurement, or an error?")
    if is_input and column.kind == "whole":
        yield from of_whole_numbers(column, numbers)


def of_whole_numbers(column: Column, numbers: Array) -> Iterator[Finding]:
    """Whole numbers may count rows, identify things, or stand for categories."""
    steps = np.diff(column.values)
    if len(steps) > 2 and (steps == 1).all():
        text = f"counts the rows from {numbers[0]:g}"
        yield Finding("warning", column.name, text, "leave it out with --inputs unless it is time")
    elif len(numbers) >= ENOUGH and column.distinct <= KINDS:
        listed = ", ".join(f"{value:g}" for value in np.unique(numbers))
        text = f"takes {column.distinct} values only ({listed}): a category, or a quantity?"
        yield Finding("note", column.name, text)
    elif column.distinct == len(numbers) and np.median(np.abs(numbers)) >= NAMES:
        text = "whole numbers, all different: are they identifiers?"
        yield Finding("note", column.name, text, "if so, leave it out with --inputs")


def of_table(profile: Profile, inputs: Sequence[Column], target: Column | None) -> Iterator[Finding]:
    """The findings about the rows, and about pairs of columns."""
    if profile.ragged:
        count = len(profile.ragged)
        text = f"{count} row{'s' * (count > 1)} with more or fewer cells than columns, the first in line "
        yield Finding("warning", None, f"{text}{profile.ragged[0]}", "set the separator with --sep")
    if profile.rows < ROWS_PER_INPUT * max(len(inputs), 1):
        text = f"{profile.rows} rows are few for {len(inputs)} input{'s' * (len(inputs) != 1)}"
        yield Finding("note", None, text, "use a small --width and --grid, and --val 0")
    if target is None or not inputs:
        return
    x = np.column_stack([column.values for column in inputs])
    complete = np.isfinite(x).all(axis=1) & np.isfinite(target.values)
    x, y = x[complete], target.values[complete]
    if len(y) < 3:
        return
    yield from of_repeated_rows(x, y)
    columns, values = [*inputs, target], np.column_stack([x, y])
    for (i, a), (j, b) in combinations(enumerate(columns), 2):
        if correlation(values[:, i], values[:, j]) > SAME:
            what = "the target in other units" if b is target else f"{b.name} in other units"
            yield Finding("warning", a.name, f"is {what}", f"leave {a.name} out with --inputs")


def correlation(a: Array, b: Array) -> float:
    """|r| of two columns; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt(np.sum(a * a)) * np.sqrt(np.sum(b * b)))
    return abs(float(np.sum(a * b))) / norm if norm > 0 else 0.0


def of_repeated_rows(x: Array, y: Array) -> Iterator[Finding]:
    """Rows that occur twice, and rows that differ in the target only: these show the noise."""
    whole = np.unique(np.column_stack([x, y]), axis=0)
    if len(whole) < len(y):
        count = len(y) - len(whole)
        yield Finding(
            "note", None, f"{count} row{'s' * (count > 1)} repeat{'s' * (count == 1)} an earlier one"
        )
    different, group = np.unique(whole[:, :-1], axis=0, return_inverse=True)
    if len(different) == len(whole):
        return
    group, y = group.ravel(), whole[:, -1]
    means = np.bincount(group, y) / np.bincount(group)
    squares = float(np.sum((y - means[group]) ** 2))
    noise = float(np.sqrt(squares / (len(whole) - len(different))))
    several = np.bincount(group)[group] > 1
    spread = float(y.std())
    share = f" ({100 * noise / spread:.2g} % of its spread)" if spread > 0 else ""
    text = f"{int(several.sum())} rows differ from others in the target only, which shows noise of {noise:.3g}{share}"
    yield Finding("note", None, text)


def sentinel(numbers: Array) -> float | None:
    """A value that stands for "not measured": one of the usual ones, outside the range of all others."""
    for value in SENTINELS:
        rest = numbers[numbers != value]
        if len(rest) == len(numbers) or len(rest) < 2:
            continue
        low, high = float(rest.min()), float(rest.max())
        if value < low - (high - low) or value > high + (high - low):
            return value
    return None


def far_ones(numbers: Array) -> Array:
    """Values far from the rest; of positive numbers only those that are so on a logarithmic scale too."""
    far = beyond(numbers)
    if (numbers > 0).all():
        far &= beyond(np.log(numbers))
    return numbers[far] if far.any() and far.sum() <= max(1, FEW * len(numbers)) else numbers[:0]


def beyond(values: Array) -> NDArray[np.bool_]:
    """Which values lie beyond FAR interquartile ranges from the quartiles."""
    low, high = np.percentile(values, [25, 75])
    reach = FAR * (high - low)
    far: NDArray[np.bool_] = (values < low - reach) | (values > high + reach)
    return far if high > low else np.zeros(len(values), dtype=bool)
