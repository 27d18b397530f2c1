"""JSON lines: one object per line, its keys the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from kancli.errors import DataError


def rows(lines: Iterable[bytes], label: str) -> Iterator[list[Any]]:
    """The keys of the first object, then the values of each. A key that is not there is a missing value.

    Raises DataError with the line of what is no such object.
    """
    names: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield []
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise DataError(
                f"{label}:{number}: no JSON: {error}", "one object per line is expected"
            ) from None
        if not isinstance(found, dict):
            raise DataError(f"{label}:{number}: no JSON object", "one object per line is expected")
        if names is None:
            names = list(found)
            yield names
        for name in found:
            if name not in names:
                raise DataError(f"{label}:{number}: the key {name!r} is not in the first line")
        yield [value(found.get(name)) for name in names]


def value(found: Any) -> Any:
    """Numbers and texts as they are; lists and objects as text."""
    return json.dumps(found) if isinstance(found, list | dict) else found
