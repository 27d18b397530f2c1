"""Tables whose target is a label: which of a few classes a row belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.assemble import assemble
from kancli.dataset.columns import choose_columns
from kancli.dataset.roles import ROWS_PER_GROUP, roles_of
from kancli.dataset.text.cells import is_missing, is_number
from kancli.dataset.text.foreign.address import address_of
from kancli.dataset.text.head import start
from kancli.dataset.text.layout import detect_layout
from kancli.dataset.text.parse import parse_columns
from kancli.dataset.text.pieces import pieces
from kancli.dataset.text.records import records
from kancli.dataset.text.source import read_source
from kancli.dataset.value import Dataset
from kancli.errors import DataError
from kancli.reading import is_special

# Classes at most: a column of more different texts is a name, not a label.
MOST_CLASSES = 50


@dataclass(frozen=True, eq=False)
class Labelled:
    """`table`: the inputs, with the number of the class from 0 as the target; `classes`: their labels in order."""

    table: Dataset
    classes: tuple[str, ...]

    @property
    def codes(self) -> NDArray[np.intp]:
        """The class of each row (rows,)."""
        return self.table.y.astype(np.intp)


def holds_labels(
    source: str, *, target: str | None = None, inputs: Sequence[str] | None = None, sep: str | None = None
) -> bool:
    """Whether the target of a file is a label, as its first piece shows: a category, or a few texts in many rows.

    Dates, times and the like are numbers. What can be read once only, and tables of typed columns, are left to
    those who read them. Raises DataError where the file is no table.
    """
    where = address_of(source)
    if source == "-" or where.kind == "arrow" or where.remote or is_special(source):
        return False
    first, layout = start(pieces(source, None), sep)
    _, column = choose_columns(layout, target, inputs, first.label)
    encoding = roles_of(first, layout).encodings.get(column)
    if encoding is not None:
        return encoding.kind == "category"
    rows = [
        r.cells[column] for r in records(first.text, layout.separator, layout.first) if column < len(r.cells)
    ]
    texts = [cell for cell in rows if not is_missing(cell) and not is_number(cell, layout.decimal_comma)]
    return 2 * len(texts) > len(rows) and ROWS_PER_GROUP * len(set(texts)) <= len(rows)


def read_labelled(
    source: str,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sep: str | None = None,
    validation: float = 0.2,
    seed: int = 0,
    numbers_too: bool = False,
    classes: Sequence[str] | None = None,
    stream: IO[bytes] | None = None,
) -> Labelled | None:
    """A table with labels in the target's column; None where that holds numbers, unless `numbers_too`.

    `classes`: the labels known before, in their order; others are a DataError then. Raises DataError for a column of
    one label or too many, a row without one, and as `read_dataset` does.
    """
    text = read_source(source, stream)
    layout = detect_layout(text, sep)
    input_columns, target_column = choose_columns(layout, target, inputs, text.label)
    cells, lines = list[str](), list[int]()
    for record in records(text.text, layout.separator, layout.first):
        if len(record.cells) == len(layout.names):
            cells.append(record.cells[target_column])
            lines.append(text.before + record.line)
    texts = sum(not is_missing(cell) and not is_number(cell, layout.decimal_comma) for cell in cells)
    if not numbers_too and 2 * texts <= len(cells):
        return None
    x = parse_columns(text, layout, input_columns, False).values
    for cell, line in zip(cells, lines, strict=True):
        if is_missing(cell):
            raise DataError(f"{text.label}:{line}:{target_column + 1}: no label", "leave the row out")
        if classes is not None and cell not in classes:
            raise DataError(
                f"{text.label}:{line}:{target_column + 1}: unknown label {cell!r}",
                f"known: {', '.join(classes)}",
            )
    found = tuple(classes) if classes is not None else ordered(set(cells))
    name = layout.names[target_column]
    if not 2 <= len(found) <= MOST_CLASSES:
        raise DataError(
            f"{text.label}: column {name!r} has {len(found)} labels, 2 to {MOST_CLASSES} are possible"
        )
    codes = np.array([found.index(cell) for cell in cells], dtype=np.float64)
    if classes is not None and (codes == codes[0]).all():  # to be judged only
        names = tuple(layout.names[column] for column in input_columns)
        none = np.zeros(len(codes), dtype=bool)
        table = Dataset(names, name, x, codes, none, {}, source, "", ())
        return Labelled(table, found)
    table = assemble(
        [layout.names[column] for column in input_columns],
        name,
        x,
        codes,
        label=text.label,
        source=source,
        validation=validation,
        seed=seed,
        remarks=[*text.remarks, *layout.remarks],
    )
    return Labelled(table, found)


def ordered(labels: set[str]) -> tuple[str, ...]:
    """Labels in the order of their numbers where all are such, else of the alphabet."""
    if all(is_number(label) for label in labels):
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    return tuple(sorted(labels))
