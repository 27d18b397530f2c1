"""Which columns are selected."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kancli.dataset.text.layout import Layout
from kancli.errors import DataError, UsageError


def choose_columns(
    layout: Layout,
    target: str | None,
    inputs: Sequence[str] | None,
    label: str,
    aside: str | None = None,
) -> tuple[tuple[int, ...], int]:
    """Indices of the inputs, in the requested order, and of the target.

    Without `target` the last column, without `inputs` every other one; `aside` (a column of weights) can be
    neither. A name that is not in the file is a DataError (the same command works on another file); the same
    name twice is a UsageError.
    """
    usable = [column for column in range(len(layout.names)) if column not in layout.ignored]
    if aside is not None:
        usable = [column for column in usable if column != find_column(layout, aside, label)]
        if target == aside or (inputs is not None and aside in inputs):
            raise UsageError(
                f"column {aside!r} is the weight of the rows: it cannot be an input or the target as well"
            )
    if len(usable) < 2:
        raise DataError(
            f"{label}: only one column, but an input and a target are needed",
            hint="--sep names the character between the columns, for example --sep ';'",
        )
    if target is not None:
        target_column = find_column(layout, target, label)
    else:
        target_column = usable[-1]
        if inputs is not None and layout.names[target_column] in inputs:
            raise UsageError(
                f"column {layout.names[target_column]!r} is an input and, as the last column, the target",
                hint="name the target with --target",
            )
    if inputs is None:
        return tuple(column for column in usable if column != target_column), target_column
    if not inputs:
        raise UsageError("no inputs chosen", hint="--inputs takes column names: --inputs a,b")
    chosen = tuple(find_column(layout, name, label) for name in inputs)
    for position, column in enumerate(chosen):
        if column == target_column:
            raise UsageError(f"column {layout.names[column]!r} is both input and target")
        if column in chosen[:position]:
            raise UsageError(f"column {layout.names[column]!r} is chosen twice as an input")
    return chosen, target_column


def find_column(layout: Layout, name: str, label: str) -> int:
    """The index of a column by its exact name."""
    if name in layout.names:
        return layout.names.index(name)
    folded = {other.casefold(): other for other in layout.names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    guess = f"; did you mean {folded[close[0]]!r}?" if close else ""
    shown = [other for column, other in enumerate(layout.names) if column not in layout.ignored]
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    raise DataError(f"{label}: no column {name!r}{guess}", hint=f"columns: {', '.join(shown[:20])}{more}")
