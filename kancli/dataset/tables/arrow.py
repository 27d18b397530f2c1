"""A Parquet, Feather or Arrow IPC file, column by column in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.roles import Roles
from kancli.dataset.tables.table import Part
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.foreign.address import Address
from kancli.dataset.text.foreign.arrow import ArrowFile
from kancli.dataset.text.foreign.files import open_remote
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.source import open_file
from kancli.errors import DataError


class ArrowTable:
    """See Table. Columns that hold no numbers are set aside."""

    def __init__(self, where: Address, label: str) -> None:
        self._where, self._label = where, label
        with ExitStack() as stack:
            file = ArrowFile(self._open(stack), label)
            types = file.pyarrow.types
            names = tuple(file.schema.names)
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise DataError(
                    f"{label}: column name {twice!r} appears twice", "give every column its own name"
                )
            numeric = tuple(
                i
                for i, field in enumerate(file.schema)
                if types.is_integer(field.type)
                or types.is_floating(field.type)
                or types.is_decimal(field.type)
            )
        aside = [names[i] for i in range(len(names)) if i not in numeric]
        told = f"{label}: {', '.join(aside)}: no numbers: set aside"
        self._layout = Layout(
            separator=",",
            decimal_comma=False,
            header=True,
            names=names,
            first=2,
            ignored=frozenset(range(len(names))) - frozenset(numeric),
            numeric=numeric,
            remarks=(told,) if aside else (),
        )

    def _open(self, stack: ExitStack) -> IO[bytes]:
        if self._where.remote:
            return open_remote(self._where.path, stack)
        return stack.enter_context(open_file(self._where.path))

    @property
    def label(self) -> str:
        return self._label

    @property
    def layout(self) -> Layout:
        return self._layout

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._layout.remarks

    @property
    def roles(self) -> Roles:
        """Its types say what its columns are."""
        return Roles()

    def parts(
        self,
        columns: Sequence[int],
        *,
        drop_missing: bool,
        positive: Sequence[tuple[int, str]] = (),
        encodings: Mapping[int, Encoding] | None = None,
    ) -> Iterator[Part]:
        """See Table; rows are counted from 1 in messages."""
        names = [self._layout.names[column] for column in columns]
        for name, column in zip(names, columns, strict=True):
            if column not in self._layout.numeric:
                raise DataError(
                    f"{self._label}: column {name!r} holds no numbers", "choose others with --inputs"
                )
        first = 1
        with ExitStack() as stack:
            for batch in ArrowFile(self._open(stack), self._label).batches(list(dict.fromkeys(names))):
                values = np.column_stack([self._numbers(batch.column(name)) for name in names])
                complete = self._complete(values, names, first, drop_missing)
                for column, why in positive:
                    place = list(columns).index(column)
                    self._refuse(
                        ~(values[:, place] > 0) & complete, names[place], first, "is not positive", why
                    )
                first += len(values)
                kept = values if complete.all() else values[complete]
                yield Part(kept, len(values) - len(kept))

    def _numbers(self, column: Any) -> NDArray[np.float64]:
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)

    def _complete(
        self, values: NDArray[np.float64], names: Sequence[str], first: int, drop_missing: bool
    ) -> NDArray[np.bool_]:
        """Which rows (n,) have all their values. Raises DataError where one has not, or is infinite."""
        missing = np.isnan(values)
        if not (missing.any() or np.isinf(values).any()):
            return np.ones(len(values), dtype=bool)
        for place, name in enumerate(names):
            self._refuse(np.isinf(values[:, place]), name, first, "not finite", "leave such rows out")
            if not drop_missing:
                hint = "--drop-missing leaves such rows out"
                self._refuse(missing[:, place], name, first, "missing value", hint)
        return np.asarray(~missing.any(axis=1))

    def _refuse(self, bad: NDArray[np.bool_], name: str, first: int, what: str, hint: str) -> None:
        if bad.any():
            row = first + int(np.argmax(bad))
            raise DataError(f"{self._label}: row {row}: column {name!r}: {what}", hint)
