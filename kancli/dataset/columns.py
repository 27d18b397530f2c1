"""Which columns are selected."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kancli.dataset.roles import Roles, errors_of
from kancli.dataset.text.layout import Layout
from kancli.errors import DataError, UsageError


def choose_columns(
    layout: Layout,
    target: str | None,
    inputs: Sequence[str] | None,
    label: str,
    aside: str | None = None,
    roles: Roles | None = None,
) -> tuple[tuple[int, ...], int]:
    """Indices of the inputs, in the requested order, and of the target.

    Without `target` the last column, without `inputs` every other one; `aside` (a column of weights) can be
    neither. Columns that `roles` call unfit, and errors of the target, are neither unless named. A name that is not
    in the file is a DataError (the same command works on another file); the same name twice is a UsageError.
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
    roles = roles or Roles()
    fit = [column for column in usable if column not in roles.unfit]
    if target is not None:
        target_column = find_column(layout, target, label)
    else:
        likely = [column for column in fit if column not in roles.no_target]
        target_column = last_of(layout, likely or fit or usable)
        if inputs is not None and layout.names[target_column] in inputs:
            raise UsageError(
                f"column {layout.names[target_column]!r} is an input and, as the last column, the target",
                hint="name the target with --target",
            )
    if inputs is None:
        others = [column for column in fit if column != target_column]
        errors = error_columns(layout, target_column)
        chosen = tuple(column for column in others if column not in errors)
        return chosen or tuple(others), target_column
    if not inputs:
        raise UsageError("no inputs chosen", hint="--inputs takes column names: --inputs a,b")
    chosen = tuple(find_column(layout, name, label) for name in inputs)
    for position, column in enumerate(chosen):
        if column == target_column:
            raise UsageError(f"column {layout.names[column]!r} is both input and target")
        if column in chosen[:position]:
            raise UsageError(f"column {layout.names[column]!r} is chosen twice as an input")
    return chosen, target_column


def last_of(layout: Layout, columns: Sequence[int]) -> int:
    """The last of these columns; where it has the errors of another one, that one."""
    last = columns[-1]
    of = [column for column in columns[:-1] if last in error_columns(layout, column)]
    return of[-1] if of and len(columns) > 2 else last


def error_columns(layout: Layout, target: int) -> tuple[int, ...]:
    """The columns that, by their names, have the standard errors of a target."""
    names = layout.names
    return tuple(names.index(name) for name in errors_of(names[target], names))


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
