"""What a DATA argument names: a file of some kind, a part of one, several files, or something far away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

Kind = Literal["text", "arrow", "jsonl", "excel", "sqlite", "npz", "several"]

_KINDS: dict[str, Kind] = {
    ".parquet": "arrow", ".pq": "arrow", ".feather": "arrow", ".arrow": "arrow", ".ipc": "arrow",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".xlsx": "excel", ".xlsm": "excel",
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite",
    ".npz": "npz",
}  # fmt: skip
_TEXT = (".csv", ".tsv", ".txt", ".dat", ".gz", ".bz2", ".xz", ".zip")
# Kinds of which `#` names a part.
_WITH_PARTS = ("excel", "sqlite")


@dataclass(frozen=True)
class Address:
    """`path` may be a URL; `part` is what follows `#` (a sheet, a table, a query)."""

    path: str
    part: str | None
    kind: Kind

    @property
    def remote(self) -> bool:
        """Whether fsspec has to open it."""
        return "://" in self.path


def address_of(source: str) -> Address:
    """The address that a DATA argument is. What exists under just this name is what is meant."""
    remote = "://" in source
    if not remote and os.path.isfile(source):
        return Address(source, None, kind_of(source))
    before, mark, part = source.partition("#")
    if mark and kind_of(before) in _WITH_PARTS:
        return Address(before, part or None, kind_of(before))
    if any(sign in source for sign in "*?[") or (not remote and os.path.isdir(source)):
        return Address(source, None, "several")
    return Address(source, None, kind_of(source))


def kind_of(path: str) -> Kind:
    """By the end of the name."""
    return _KINDS.get(PurePosixPath(path.lower()).suffix, "text")


def names_table(path: str) -> bool:
    """Whether a file's name is that of a table."""
    suffix = PurePosixPath(path.lower()).suffix
    return suffix in _TEXT or suffix in _KINDS


def located(source: str) -> str:
    """The source as it is named from everywhere on this machine."""
    where = address_of(source)
    if where.remote:
        return source
    path = str(Path(where.path).resolve())
    return path if where.part is None else f"{path}#{where.part}"
