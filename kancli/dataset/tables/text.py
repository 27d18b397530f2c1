"""A table in text form, in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO

from kancli.dataset.roles import Roles, roles_of
from kancli.dataset.tables.table import Part
from kancli.dataset.text.blocks import PIECE
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.head import start
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.parse import parse_columns
from kancli.dataset.text.pieces import pieces
from kancli.dataset.text.source import Source
from kancli.dataset.weights import require_positive


class TextTable:
    """`stream` stands in for standard input, which is read once; a file as often as `parts` is called."""

    def __init__(
        self, source: str, *, sep: str | None = None, stream: IO[bytes] | None = None, size: int = PIECE
    ) -> None:
        self._source, self._sep, self._size = source, sep, size
        pending = pieces(source, stream, size)
        first, self._layout = start(pending, sep)
        self._label, self._remarks = first.label, (*first.remarks, *self._layout.remarks)
        self._roles = roles_of(first, self._layout)
        self._begun: Iterator[Source] | None = chain([first], pending)

    @property
    def label(self) -> str:
        return self._label

    @property
    def layout(self) -> Layout:
        return self._layout

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._remarks

    @property
    def roles(self) -> Roles:
        return self._roles

    def parts(
        self,
        columns: Sequence[int],
        *,
        drop_missing: bool,
        positive: Sequence[tuple[int, str]] = (),
        encodings: Mapping[int, Encoding] | None = None,
    ) -> Iterator[Part]:
        """See Table."""
        begun, self._begun = self._begun, None
        if begun is None:
            begun = pieces(self._source, None, self._size)
            first, _ = start(
                begun, self._sep
            )  # the first piece may hold less than it takes to see the layout
            begun = chain([first], begun)
        layout = self._layout
        for piece in begun:
            numbers = parse_columns(piece, layout, columns, drop_missing, encodings)
            for column, why in positive:
                values = numbers.values[:, columns.index(column)]
                require_positive(piece, layout, column, values, why)
            layout = replace(layout, first=1)
            yield Part(numbers.values, numbers.dropped)
