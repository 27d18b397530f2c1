"""Units of work: one law each, with a place of its own, and the shares of them that array jobs take."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kancli.errors import UsageError

# Names that any file system keeps apart.
PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True)
class Unit:
    """The law of one `target` in one group; `label`: a text per column of `by`, both () without groups."""

    by: tuple[str, ...]
    label: tuple[str, ...]
    target: str
    place: str

    @property
    def group(self) -> dict[str, str] | None:
        """The group as JSON has it."""
        return dict(zip(self.by, self.label, strict=True)) or None

    @property
    def name(self) -> str:
        """The group and the target for a reader."""
        return ", ".join([*(f"{k}={v}" for k, v in (self.group or {}).items()), self.target])


def units_of(
    by: Sequence[str], labels: Sequence[tuple[str, ...]], targets: Sequence[str]
) -> tuple[Unit, ...]:
    """All laws, target by target, the groups in their order."""
    several = len(targets) > 1
    return tuple(
        Unit(tuple(by), label, target, place_of([*label, *((target,) if several or not label else ())]))
        for target in targets
        for label in labels
    )


def place_of(texts: Sequence[str]) -> str:
    """The folder of a unit: its texts where they can be a name as they are, else with a few digits of their hash."""
    if len(texts) == 1 and PLAIN.fullmatch(texts[0]):
        return texts[0]
    readable = re.sub(r"[^a-z0-9_]+", "-", "-".join(texts).lower()).strip("-")[:30]
    return f"{readable or 'group'}-{hashed(list(texts))}"


def hashed(value: object) -> str:
    """Eight digits that stand for a value that JSON can hold."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def share_of(units: Sequence[Unit], shard: str | None) -> tuple[Unit, ...]:
    """The units of shard `3/64`, the third of 64; every 64th, so that neighbours do not all go to one.

    Raises UsageError for any other text.
    """
    if shard is None:
        return tuple(units)
    match = SHARD.fullmatch(shard)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard {shard}: must be I/N with I from 1 to N", "for example --shard 3/64")
    return tuple(units[int(match[1]) - 1 :: int(match[2])])
