"""Tables whose rows belong to groups, named by the texts in one column or several."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.assemble import assemble
from kancli.dataset.chunks import Chunk, Chunks
from kancli.dataset.columns import find_column
from kancli.dataset.reader import read_dataset
from kancli.dataset.split import held_out
from kancli.dataset.text.cells import is_missing
from kancli.dataset.text.layout import Layout, detect_layout
from kancli.dataset.text.parse import parse_columns
from kancli.dataset.text.records import records, split
from kancli.dataset.text.source import Source, read_source
from kancli.dataset.value import Dataset, fingerprint
from kancli.errors import DataError, UsageError


@dataclass(frozen=True, eq=False)
class GroupedTable:
    """A dataset and the group of each of its rows: `group` (rows,) counts in `labels`, in the order of appearance.

    `by` are the columns of the groups; a label has one text per column.
    """

    dataset: Dataset
    by: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    group: NDArray[np.intp]

    @property
    def names(self) -> tuple[str, ...]:
        """One text per group."""
        return tuple(label_text(label) for label in self.labels)

    def part(self, number: int, validation: float, seed: int) -> Dataset:
        """The rows of one group as a dataset of their own, constant columns set aside.

        Raises DataError where it has fewer than two rows, or nothing to explain.
        """
        rows, whole = self.group == number, self.dataset
        if rows.sum() < 2:
            raise DataError("only one row, but at least two are needed")
        weight = None if whole.weight is None else whole.weight[rows]
        made = assemble(
            whole.inputs,
            whole.target,
            whole.x[rows],
            whole.y[rows],
            label=self.names[number],
            source=f"{whole.source} [{described(self.by, self.labels[number])}]",
            validation=validation,
            seed=seed,
            weight=None if weight is None else weight / weight.mean(),
        )
        noise = whole.noise
        if weight is not None and noise is not None:
            noise = float(noise / np.sqrt(weight.mean()))
        return replace(made, constant={**whole.constant, **made.constant}, noise=noise)


def label_text(label: Sequence[str]) -> str:
    """The texts of a group as one: `adelie`, or of two columns `adelie,female`."""
    return ",".join(label)


def described(by: Sequence[str], label: Sequence[str]) -> str:
    """`species=adelie, sex=female`."""
    return ", ".join(f"{column}={text}" for column, text in zip(by, label, strict=True))


def read_grouped(
    source: str,
    by: Sequence[str],
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sep: str | None = None,
    drop_missing: bool = False,
    sigma: str | None = None,
    weights: str | None = None,
    stream: IO[bytes] | None = None,
    validation: float = 0.2,
    seed: int = 0,
    positive: Sequence[str] = (),
) -> GroupedTable:
    """A table with the groups of its rows; the columns `by` are no inputs. Arguments and errors as of `read_dataset`.

    A row whose group is missing is an error, or left out with `drop_missing`.
    """
    content = None
    if source == "-":  # which is read twice
        content = (stream or sys.stdin.buffer).read()
    text = read_source(source, None if content is None else io.BytesIO(content))
    layout = detect_layout(text, sep)
    columns = [find_column(layout, name, text.label) for name in by]
    if len(set(columns)) < len(columns):
        raise UsageError(f"the columns of the groups are named twice: {', '.join(by)}")
    taken = [name for name in (target, *(inputs or ()), sigma, weights) if name in by]
    if taken:
        raise UsageError(f"column {taken[0]!r} names the groups: it cannot be used otherwise as well")
    target, inputs = with_defaults(layout, columns, target, inputs, (sigma, weights))
    how: dict[str, Any] = {"sigma": sigma, "weights": weights, "positive": positive, "seed": seed}
    dataset = read_dataset(
        source,
        target=target,
        inputs=inputs,
        sep=sep,
        drop_missing=drop_missing,
        validation=validation,
        stream=None if content is None else io.BytesIO(content),
        **how,
    )
    labels = read_labels(text, layout, columns)
    if drop_missing:
        names = (*inputs, target, *(name for name in (sigma, weights) if name is not None))
        wanted = [find_column(layout, name, text.label) for name in names]
        complete = parse_columns(text, layout, wanted, True).complete
        labels = [label for label, kept in zip(labels, complete, strict=True) if kept]
    missing = np.array([any(is_missing(cell) for cell in label) for label in labels])
    if missing.any():
        if not drop_missing:
            row = int(np.flatnonzero(missing)[0])
            raise DataError(
                f"{text.label}: row {row + 1} has no {' or '.join(by)}",
                "--drop-missing leaves such rows out",
            )
        dataset = only(dataset, ~missing, validation, seed)
        labels = [label for label, gone in zip(labels, missing, strict=True) if not gone]
    order = tuple(dict.fromkeys(labels))
    number = {label: k for k, label in enumerate(order)}
    return GroupedTable(dataset, tuple(by), order, np.array([number[one] for one in labels], dtype=np.intp))


def with_defaults(
    layout: Layout,
    aside: Sequence[int],
    target: str | None,
    inputs: Sequence[str] | None,
    others: Sequence[str | None],
) -> tuple[str, tuple[str, ...]]:
    """Target and inputs by name: by default the last column that names no group, and all others."""
    names = layout.names
    usable = [
        name
        for column, name in enumerate(names)
        if column not in aside and column not in layout.ignored and name not in others
    ]
    if target is None:
        free = [name for name in usable if inputs is None or name not in inputs]
        if not free:
            raise DataError("beside those of the groups there is no column left for the target")
        target = free[-1]
    chosen = tuple(inputs) if inputs is not None else tuple(name for name in usable if name != target)
    if not chosen:
        raise DataError(
            "beside those of the groups there is only one column, but an input and a target are needed"
        )
    return target, chosen


def read_labels(text: Source, layout: Layout, columns: Sequence[int]) -> list[tuple[str, ...]]:
    """The texts of the columns in each row."""
    found = []
    for record in records(text.text, layout.separator, layout.first):
        cells = record.cells
        found.append(tuple(cells[column] if column < len(cells) else "" for column in columns))
    return found


def only(dataset: Dataset, rows: NDArray[np.bool_], validation: float, seed: int) -> Dataset:
    """Some rows of a dataset."""
    x, y = dataset.x[rows], dataset.y[rows]
    weight = None if dataset.weight is None else dataset.weight[rows]
    return replace(
        dataset,
        x=x,
        y=y,
        weight=weight,
        validation=held_out(len(y), validation, seed),
        fingerprint=fingerprint(dataset.inputs, dataset.target, x, y, weight),
    )


def labels_of(chunk: Chunk, chunks: Chunks, by: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups of the rows of a chunk. Raises DataError where a column is not there."""
    missing = [name for name in by if name not in chunks.columns]
    if missing:
        raise DataError(
            f"no column {missing[0]!r}, which names the groups", f"columns: {', '.join(chunks.columns)}"
        )
    places = [chunks.columns.index(name) for name in by]
    found = []
    for line in chunk.lines():
        cells = cells_of(line, chunks.separator)
        found.append(tuple(cells[place] if place < len(cells) else "" for place in places))
    return found


def cells_of(line: str, separator: str | None) -> list[str]:
    """The cells of one row as the table has it."""
    if separator is None or '"' not in line:
        return split(line, separator)
    return next(records(line, separator)).cells
