"""The shape of a network: its width, and inputs that share a node."""

from __future__ import annotations

from dataclasses import dataclass

Merge = tuple[tuple[str, ...], ...]
"""Groups of inputs, by name, that enter a network through one node each."""


@dataclass(frozen=True)
class Shape:
    """A width, and groups of inputs that enter it through one node each (see TrainOptions.merge)."""

    width: str
    merge: Merge = ()

    def __str__(self) -> str:
        groups = " ".join("+".join(group) for group in self.merge)
        return f"{self.width} with {groups}" if groups else self.width
