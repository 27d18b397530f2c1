"""What the columns of a table are, before any is chosen: numbers, what is read as numbers, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kancli.dataset.text.cells import is_missing, is_number
from kancli.dataset.text.encodings import Encoding, Note, encoding_of
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.records import records
from kancli.dataset.text.source import Source

# Rows that show what a column is in a large table; where it is small, all of them do.
SAMPLE, SMALL = 20_000, 1 << 21
# Texts of so many rows each on average are groups; fewer rows cannot carry constants of their own.
ROWS_PER_GROUP = 3

_COUNTER = re.compile(r"(?:row|idx|index|obs|observation|no\.?|nr\.?|#|unnamed: 0|s(?:erial|\.)? ?no\.?)")
_IDENTIFIER = re.compile(r"(?:id|row[ _]?names?|.*[ _]id)")
_GENERIC_ERROR = re.compile(r"y[ _.]?err(?:or)?|std[ _.]?err(?:or)?|standard[ _.]error|uncertainty")
_ERROR_AFTER = r"[ _.]*(?:errs?|errors?|sigma|sd|se|std|stderr|unc|uncertainty)"
_ERROR_BEFORE = r"(?:err|error|sigma|sd|se|std|stderr|unc|uncertainty)[ _.]+(?:of[ _.])?"


@dataclass(frozen=True)
class Roles:
    """`encodings`: of columns that are read as numbers; `unfit`: columns that are no input unless named;
    `no_target`: columns that are the target only if named, such as categories. `notes`: about columns (from 0)."""

    encodings: Mapping[int, Encoding] = field(default_factory=dict)
    unfit: frozenset[int] = frozenset()
    no_target: frozenset[int] = frozenset()
    notes: Mapping[int, Note] = field(default_factory=dict)


def roles_of(source: Source, layout: Layout) -> Roles:
    """The roles that the cells of a table suggest."""
    width = len(layout.names)
    cells: list[dict[str, None]] = [{} for _ in range(width)]
    rows = 0
    for record in records(source.text, layout.separator, layout.first):
        if len(record.cells) != width:
            continue
        rows += 1
        for seen, cell in zip(cells, record.cells, strict=True):
            seen[cell] = None
        if rows >= SAMPLE and len(source.text) > SMALL:
            break
    encodings: dict[int, Encoding] = {}
    unfit: dict[int, Note] = {}
    notes: dict[int, Note] = {}
    for column in range(width):
        name = layout.names[column]
        if column in layout.ignored or not (
            there := [cell for cell in cells[column] if not is_missing(cell)]
        ):
            if column not in layout.ignored and rows:
                unfit[column] = Note(name, "empty: set aside")
            continue
        encoding = encoding_of(there, rows, layout.decimal_comma)
        if encoding is not None:
            encodings[column] = encoding
            hint = f"--groups {name} fits constants for each" if encoding.kind == "category" else None
            notes[column] = Note(name, encoding.meaning, hint)
        elif 2 * sum(is_number(cell, layout.decimal_comma) for cell in there) < len(there):
            unfit[column] = text_note(name, len(there), rows)
        elif identifies(name, there, rows):
            unfit[column] = Note(name, "numbers the rows: set aside", "--inputs takes it all the same")
    categories = {column for column, one in encodings.items() if one.kind == "category"}
    left = width - len(layout.ignored) - len(unfit)
    if left < 2:  # nothing to fit without them: what is wrong is said where it is read
        unfit = {}
    return Roles(
        encodings,
        frozenset(unfit),
        frozenset(categories if left > len(categories) else ()),
        {**notes, **unfit},
    )


def text_note(name: str, values: int, rows: int) -> Note:
    """The note on a column of text."""
    groups = f"--groups {name} fits constants per {name}" if values * ROWS_PER_GROUP <= rows else None
    return Note(name, f"text, {values} values: set aside", groups)


def identifies(name: str, cells: Sequence[str], rows: int) -> bool:
    """Whether a column of whole numbers, all different, is a name or a count of the rows, by its own name."""
    folded = name.casefold()
    if len(cells) != rows or not all(cell.isdecimal() for cell in cells):
        return False
    if _IDENTIFIER.fullmatch(folded):
        return True
    numbers = [int(cell) for cell in cells]
    counts = all(after - before == 1 for before, after in pairwise(numbers))
    return bool(_COUNTER.fullmatch(folded)) and counts


def errors_of(target: str, names: Sequence[str]) -> tuple[str, ...]:
    """The columns of these that, by their names, have the standard errors of the target: yerr of y, err_T of T, and
    std_error directly behind it."""
    other = re.escape(target.casefold())
    own = re.compile(f"{other}{_ERROR_AFTER}|{_ERROR_BEFORE}{other}")
    behind = names[names.index(target) + 1 :][:1] if target in names else ()
    return tuple(
        name
        for name in names
        if name != target
        and (own.fullmatch(name.casefold()) or (name in behind and _GENERIC_ERROR.fullmatch(name.casefold())))
    )
