"""`kan check`."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.actions.checkup import check_recipe
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.figures import figure, short
from kancli.cli.output.tables import Table, print_table
from kancli.errors import DataError, KanError, RecipeError, UsageError

if TYPE_CHECKING:
    from kancli.dataset import Column, Dataset, Finding, Profile
    from kancli.recipe import DataOptions

COLUMNS = ("column", "role", "kind", "missing", "distinct", "low", "median", "high")
FINDINGS = ("level", "where", "finding", "hint")

Subject = Annotated[
    str,
    typer.Argument(
        metavar="DATA|RECIPE", help="A table as for kan fit, or a recipe (.yaml, .yml).", show_default=False
    ),
]


@command(options=("data",))
def check(session: Session, subject: Subject) -> None:
    """Report problems in a table or a recipe.

    For a table: its columns with kind, range and gaps, then possible problems: constant columns,
    repeated rows, outliers, text, identifiers. For a recipe: every mistake with its line and column, then its
    table.

    \b
    kan check data.csv
    kan check data.csv --target T --json
    kan check recipe.yaml
    """
    streams = session.streams
    recipe_file = subject if PurePath(subject).suffix.lower() in (".yaml", ".yml") else None
    try:
        if recipe_file is not None:
            recipe = check_recipe(replace(session, recipe_file=recipe_file))
        else:
            recipe = session.with_flag(("data", "path"), subject).recipe(train=False)
    except RecipeError as error:
        if streams.json:
            streams.document(
                {"kan": 1, "recipe": recipe_file, "well": False, "mistakes": error.message.splitlines()}
            )
        raise
    profile, found, problem = look_at(recipe.data, recipe.seed)
    if recipe_file is not None and problem is None and recipe.train is not None:
        problem = width_problem(recipe, recipe_file)
    if streams.json:
        streams.document(
            {
                "kan": 1,
                "recipe": recipe_file,
                "data": recipe.data.path,
                "well": problem is None,
                "mistakes": [] if problem is None else problem.message.splitlines(),
                "rows": profile.rows,
                "columns": [described(column, role_of(column, found[1])) for column in profile.columns],
                "findings": [vars(finding) for finding in found[0]],
            }
        )
    else:
        show(session, profile, *found)
    if problem is not None:
        raise problem
    if recipe_file is not None:
        streams.remark(f"{recipe_file}: no mistakes")


Roles = tuple[Sequence[str], str | None]


class Kept(io.RawIOBase):
    """A stream that is read twice: `content` is what has been read of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.content = stream, bytearray()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.stream.read(len(buffer))
        buffer[: len(block)] = block
        self.content += block
        return len(block)


def look_at(options: DataOptions, seed: int) -> tuple[Profile, tuple[list[Finding], Roles], KanError | None]:
    """A table's profile, the findings for these roles of the columns, and why fit would reject it."""
    from kancli.dataset import Finding, findings, profile
    from kancli.stages.source import STANDARD_INPUT, read

    kept = None
    if options.path == STANDARD_INPUT:
        if sys.stdin.isatty():
            raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
        kept = Kept(sys.stdin.buffer)
    seen = profile(options.path, sep=options.sep, stream=None if kept is None else io.BufferedReader(kept))
    names = [column.name for column in seen.columns if column.name not in (options.sigma, options.weights)]
    target = options.target or (names[-1] if names else None)
    inputs = [name for name in options.inputs or names if name != target]
    found = findings(seen, inputs, target) if target else []
    try:
        table = read(options, seed, None if kept is None else io.BytesIO(kept.content))
    except (DataError, UsageError) as error:
        return seen, (found, (inputs, target)), error
    inputs, target = [*table.inputs, *table.constant], table.target
    seen = as_read(seen, table)
    noted = [Finding("note", note.column, note.text, note.hint) for note in table.notes]
    return seen, ([*noted, *findings(seen, inputs, target)], (inputs, target)), None


def as_read(profile: Profile, table: Dataset) -> Profile:
    """The profile with the numbers as which its columns of dates, times and categories are read."""
    import numpy as np

    numbers = dict(zip((*table.inputs, table.target), (*table.x.T, table.y), strict=True))
    columns = []
    for column in profile.columns:
        if column.name in table.encodings and column.name in numbers:
            there = np.full(len(column.values), np.nan)
            if len(numbers[column.name]) == len(there):
                there = numbers[column.name]
            column = replace(column, values=there, texts=Counter())
        columns.append(column)
    return replace(profile, columns=tuple(columns))


def width_problem(recipe: Any, source: str) -> RecipeError | None:
    """Whether the recipe's width matches its table."""
    from kancli.recipe import load
    from kancli.stages.source import read
    from kancli.stages.widths import check_width

    try:
        check_width(read(recipe.data, recipe.seed), recipe.train)
    except UsageError as error:
        line, column = load(source).position(("train", "width"))
        text = error.message.removeprefix("--width ")
        return RecipeError(f"{source}:{line}:{column}: train.width: {text}", error.hint)
    return None


def role_of(column: Column, roles: Roles) -> str:
    """input, target, or - for a column that is not used."""
    inputs, target = roles
    return "target" if column.name == target else "input" if column.name in inputs else "-"


def described(column: Column, role: str) -> dict[str, Any]:
    """One column as a JSON value."""
    numbers = column.numbers
    limits: list[float | None] = [None, None, None]
    if len(numbers):
        import numpy as np

        limits = [float(numbers.min()), float(np.median(numbers)), float(numbers.max())]
    return {
        "column": column.name,
        "role": role,
        "kind": column.kind,
        "missing": column.missing,
        "distinct": column.distinct,
        **dict(zip(("low", "median", "high"), limits, strict=True)),
    }


def show(session: Session, profile: Profile, found: list[Finding], roles: Roles) -> None:
    """The columns, then the findings."""
    streams = session.streams
    for remark in profile.remarks:
        streams.remark(remark)
    columns = [described(column, role_of(column, roles)) for column in profile.columns]
    full, brief = ([row_of(column, write) for column in columns] for write in (figure, short))
    print_table(streams, Table(COLUMNS, full, COLUMNS, brief))
    streams.result(f"\n{profile.rows} rows" if streams.terminal() else "")
    rows = [[f.level, f.column or "table", f.text, f.hint or "-"] for f in found]
    if rows:
        print_table(streams, Table(FINDINGS, rows, FINDINGS, rows))


def row_of(column: dict[str, Any], write: Any) -> list[str]:
    """One column as a row of the table."""
    head = [str(column[key]) for key in ("column", "role", "kind", "missing", "distinct")]
    return [*head, *(write(column[key]) for key in ("low", "median", "high"))]
