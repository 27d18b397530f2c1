"""The beginning of a table in pieces: as much of it as shows the layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kancli.dataset.text.layout import Layout, NoRowError, detect_layout
from kancli.dataset.text.source import Source
from kancli.errors import DataError
from kancli.reading import size as in_words

LONGEST_HEAD = 1 << 22
"""Characters of comments and blank lines that may stand above the first row of data."""


def start(parts: Iterator[Source], sep: str | None) -> tuple[Source, Layout]:
    """The first piece that shows the layout, with those before it, which hold comments or a header only."""
    first = next(parts)
    while True:
        try:
            return first, detect_layout(first, sep)
        except NoRowError as error:
            if len(first.text) >= LONGEST_HEAD:
                raise DataError(
                    f"{first.label}: no row of data in the first {in_words(len(first.text))}", hint=error.hint
                ) from None
            following = next(parts, None)
            if following is None:
                raise
            first = replace(first, text=first.text + following.text)
