"""Networks on their way to a formula, as values: a shape, trained, then pruned and refined."""

from __future__ import annotations

from dataclasses import dataclass

from kancli.checkpoint import Checkpoint

# A network this exact needs no finer grid to be believed.
CERTAIN = 1e-8
# A shape whose held-out error is above this share of the target's deviation is not worth pruning.
PROMISING = 0.03
# A right shape's error falls by this factor on the finer grid (by 50 in theory, by 4 where the law has a root's
# singularity).
CONVERGING = 3.0


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


@dataclass(frozen=True)
class Trained:
    """A trained shape, its held-out error in units of the target's deviation, whether what it leaves
    unexplained is noise, and the error on a finer grid (None where that was not tried)."""

    shape: Shape
    version: Checkpoint
    error: float
    noise: bool
    finer: float | None

    @property
    def hopeful(self) -> bool:
        """Whether the shape may hold the law: it leaves noise, or finer grids take its error down."""
        if self.noise or self.finer is None:
            return self.noise or self.error <= PROMISING
        return self.finer <= max(self.error / CONVERGING, CERTAIN)


@dataclass(frozen=True)
class Slim:
    """A shape trained, pruned and refined (its `history`): what is left of it can be read.

    `holds`: refining took the error down as splines of the right shape do (the structure test), or to noise.
    """

    shape: Shape
    history: tuple[Checkpoint, ...]
    error: float
    edges: int
    holds: bool
