"""A table or a query of an SQLite database, opened for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kancli.errors import DataError


def rows(path: str, label: str, part: str | None) -> Iterator[list[Any]]:
    """The names of the columns, then the rows of the table, or of the query, that `part` is. Raises DataError."""
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
    try:
        cursor = connection.execute(query(connection, label, part))
        yield [name for name, *_ in cursor.description]
        for row in cursor:
            yield list(row)
    except sqlite3.Error as error:
        raise DataError(f"{label}: {error}", tables_hint(connection)) from None
    finally:
        connection.close()


def query(connection: sqlite3.Connection, label: str, part: str | None) -> str:
    """The query as it is, or that of all columns of a table; without a part, of the only table."""
    if part is not None and part.strip() and part.split(None, 1)[0].lower() in ("select", "with"):
        return part
    known = tables(connection)
    if part is None and len(known) == 1:
        part = known[0]
    if part is None:
        raise DataError(
            f"{label}: {len(known)} tables in it", f"name one: {label}#{known[0] if known else 'TABLE'}"
        )
    if part not in known:
        raise DataError(f"{label}: no table {part!r}", tables_hint(connection))
    quoted = part.replace('"', '""')
    return f'select * from "{quoted}"'


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of tables and views."""
    found = connection.execute(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
    )
    return [name for (name,) in found]


def tables_hint(connection: sqlite3.Connection) -> str | None:
    """What there is."""
    try:
        known = tables(connection)
    except sqlite3.Error:
        return None
    return f"tables: {', '.join(known)}" if known else None
