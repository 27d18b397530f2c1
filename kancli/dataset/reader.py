"""Read a table: source → layout → columns → numbers → split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.assemble import assemble
from kancli.dataset.columns import choose_columns, error_columns, find_column
from kancli.dataset.roles import Roles, roles_of
from kancli.dataset.text.encodings import Encoding, Note
from kancli.dataset.text.layout import Layout, detect_layout
from kancli.dataset.text.parse import Numbers, parse_columns
from kancli.dataset.text.places import places
from kancli.dataset.text.source import Source, read_source
from kancli.dataset.value import Dataset
from kancli.dataset.weights import require_positive, row_weights, weighting
from kancli.errors import DataError, UsageError


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns that vary, with `values` (rows, columns), and single lines that the user should see."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    remarks: tuple[str, ...]


def read_dataset(
    source: str,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sep: str | None = None,
    drop_missing: bool = False,
    validation: float = 0.2,
    seed: int = 0,
    sigma: str | None = None,
    weights: str | None = None,
    positive: Sequence[str] = (),
    stream: IO[bytes] | None = None,
    encodings: Mapping[str, Encoding] | None = None,
) -> Dataset:
    """Read a table for fitting.

    `source` is a path (plain or .gz, .bz2, .xz, .zip) or "-" for `stream`, by default standard input.
    `target` defaults to the last column, `inputs` to all others. `validation` is the fraction of rows to
    hold out, drawn with `seed` and nothing else. `sigma` names a column of the target's standard errors,
    `weights` one of row weights; neither is an input then. Columns in `positive` must contain only positive
    values. Every problem with the table is a DataError, whose message starts with file:line:column where known;
    contradictory arguments are a UsageError. `encodings`: how columns of a model were read; by default their cells
    say how.
    """
    text = read_source(source, stream)
    layout = detect_layout(text, sep)
    kind = weighting(sigma, weights)
    aside = None if kind is None else kind.column
    roles = roles_of(text, layout)
    input_columns, target_column = choose_columns(layout, target, inputs, text.label, aside, roles)
    wanted = [*input_columns, target_column]
    if aside is not None:
        wanted.append(find_column(layout, aside, text.label))
    kept = {layout.names.index(name): one for name, one in (encodings or {}).items() if name in layout.names}
    encoded = {column: one for column, one in {**roles.encodings, **kept}.items() if column in wanted}
    numbers = parse_columns(text, layout, wanted, drop_missing, encoded)
    found = notes_on(layout, roles, [*input_columns, target_column], named=inputs is not None, aside=aside)
    remarks = [*text.remarks, *layout.remarks, *(f"{text.label}: {note}" for note in found)]
    remarks += require_rows(numbers, text.label)
    x, y = numbers.values[:, : len(input_columns)], numbers.values[:, len(input_columns)]
    weight: NDArray[np.float64] | None = None
    noise: float | None = None
    if kind is not None:
        why = f"{'standard errors' if kind.errors else 'weights'} must be above 0"
        require_positive(text, layout, wanted[-1], numbers.values[:, -1], why)
        weight, noise = row_weights(numbers.values[:, -1], kind)
    require_named_positive(text, layout, wanted, numbers.values, positive)
    dataset = assemble(
        [layout.names[column] for column in input_columns],
        layout.names[target_column],
        x,
        y,
        label=text.label,
        source=source,
        validation=validation,
        seed=seed,
        remarks=remarks,
        weight=weight,
        noise=noise,
        encodings={layout.names[column]: one for column, one in encoded.items()},
        notes=found,
    )
    return replace(dataset, places=places(text, layout, numbers.complete))


def read_untargeted(
    source: str,
    columns: Sequence[str] | None = None,
    *,
    sep: str | None = None,
    drop_missing: bool = False,
    stream: IO[bytes] | None = None,
) -> Columns:
    """Columns of a table without a target: the named ones, by default all. Errors as in `read_dataset`."""
    text = read_source(source, stream)
    layout = detect_layout(text, sep)
    if columns is None:
        chosen = [column for column in range(len(layout.names)) if column not in layout.ignored]
    else:
        chosen = [find_column(layout, name, text.label) for name in dict.fromkeys(columns)]
    numbers = parse_columns(text, layout, chosen, drop_missing)
    remarks = [*text.remarks, *layout.remarks, *require_rows(numbers, text.label)]
    names = [layout.names[column] for column in chosen]
    varies = (numbers.values != numbers.values[0]).any(axis=0)
    remarks += [
        f"{text.label}: column {name!r} is always {value:g}: set aside"
        for name, value, kept in zip(names, numbers.values[0].tolist(), varies, strict=True)
        if not kept
    ]
    kept = tuple(name for name, used in zip(names, varies, strict=True) if used)
    if len(kept) < 2:
        raise DataError(f"{text.label}: fewer than two columns that vary")
    return Columns(kept, np.ascontiguousarray(numbers.values[:, varies]), tuple(remarks))


def read_names(source: str, *, sep: str | None = None, stream: IO[bytes] | None = None) -> tuple[str, ...]:
    """The names of a table's columns. Raises DataError where it is none."""
    layout = detect_layout(read_source(source, stream), sep)
    return tuple(name for column, name in enumerate(layout.names) if column not in layout.ignored)


def read_every(
    source: str, *, sep: str | None = None, drop_missing: bool = False, stream: IO[bytes] | None = None
) -> tuple[tuple[str, ...], NDArray[np.float64], tuple[str, ...]]:
    """All columns of numbers of a table: their names, the values (rows, columns), and remarks. Errors as in
    `read_dataset`, but no column is a target, and columns may be constant.
    """
    text = read_source(source, stream)
    layout = detect_layout(text, sep)
    columns = [column for column in range(len(layout.names)) if column not in layout.ignored]
    numbers = parse_columns(text, layout, columns, drop_missing)
    remarks = (*text.remarks, *layout.remarks, *require_rows(numbers, text.label))
    return tuple(layout.names[column] for column in columns), numbers.values, remarks


def notes_on(
    layout: Layout, roles: Roles, used: Sequence[int], *, named: bool, aside: str | None = None
) -> list[Note]:
    """What was made of the columns: of those used, the target last, how they are read; of the others, unless the
    inputs were `named`, why they are not."""
    target = layout.names[used[-1]]
    found = {column: note for column, note in roles.notes.items() if column in used or not named}
    if not named:
        for column in set(error_columns(layout, used[-1])) - set(used):
            name = layout.names[column]
            if name != aside:
                why = f"looks like the standard errors of {target}: set aside"
                found[column] = Note(name, why, f"--sigma {name} gives each row its weight")
    likely = [c for c in range(len(layout.names)) if c not in layout.ignored]
    if used[-1] != likely[-1] and likely[-1] in found and likely[-1] not in roles.unfit:
        note = found[likely[-1]]
        found[likely[-1]] = Note(note.column, f"{note.text}; the target is {target}", note.hint)
    return [found[column] for column in sorted(found)]


def require_rows(numbers: Numbers, label: str) -> list[str]:
    """A remark on the rows that were left out, if any. Raises DataError where fewer than two remain."""
    rows, remarks = len(numbers.values), []
    if numbers.dropped:
        what = "row" if numbers.dropped == 1 else "rows"
        remarks.append(f"{label}: {numbers.dropped} {what} with missing values left out, {rows} used")
    if rows < 2:
        left = " left after dropping those with missing values" if numbers.dropped else ""
        raise DataError(f"{label}: {'one row' if rows else 'no rows'}{left}, but at least two are needed")
    return remarks


def require_named_positive(
    text: Source, layout: Layout, columns: Sequence[int], values: NDArray[np.float64], names: Sequence[str]
) -> None:
    """Raise DataError where a column of `names` is not positive; `values` (rows, columns) are of `columns`.

    Raises UsageError where such a column is not among them.
    """
    for name in names:
        column = find_column(layout, name, text.label)
        if column not in columns:
            raise UsageError(f"--positive {name}: not among the columns used", "name inputs or the target")
        why = f"--positive requires {name} to be above 0 in every row"
        require_positive(text, layout, column, values[:, columns.index(column)], why)


def read_columns(
    source: str,
    names: Sequence[str],
    *,
    sep: str | None = None,
    stream: IO[bytes] | None = None,
    encodings: Mapping[str, Encoding] | None = None,
) -> NDArray[np.float64]:
    """The named columns (rows, names), one row per line and in the file's order: for prediction or evaluation.

    A file without a header may hold just these columns in this order. Errors as in `read_dataset`,
    but one row is enough and a column may be constant. `encodings` as there.
    """
    text = read_source(source, stream)
    layout = detect_layout(text, sep)
    usable = [column for column in range(len(layout.names)) if column not in layout.ignored]
    if not layout.header and len(usable) == len(names) and not set(names) <= set(layout.names):
        columns = usable
    else:
        columns = [find_column(layout, name, text.label) for name in names]
    ways = encodings or {}
    known = {column: ways[name] for column, name in zip(columns, names, strict=True) if name in ways}
    return parse_columns(text, layout, columns, drop_missing=False, encodings=known).values
