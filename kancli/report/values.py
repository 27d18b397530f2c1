"""What pictures are drawn from: numbers that stages have computed, nothing of torch in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EdgeView:
    """One edge of a network.

    `x`, `y` (n,): its curve, x in the input's own unit in the first layer. `fit` (n,): the function that it
    became, laid over the curve by the best straight line; None where there is none. `points` (m, 2): partial
    residuals: the value of the edge plus the remaining error of the target, carried back to the edge.
    `strength` is its share, 0 to 1, of the strongest edge's effect on the output. `joined`: the edges that
    became one function together with it, this one included.
    """

    layer: int
    source: int
    target: int
    variable: str
    x: Array
    y: Array
    points: Array
    strength: float
    function: str | None = None
    r2: float | None = None
    fit: Array | None = None
    joined: tuple[tuple[int, int, int], ...] = ()

    @property
    def name(self) -> str:
        """layer,from,to."""
        return f"{self.layer},{self.source},{self.target}"

    @property
    def symbolic(self) -> bool:
        return self.function not in (None, "spline")


@dataclass(frozen=True, eq=False)
class NetworkView:
    """A network: `width` and `products` (nodes that multiply) as the architecture has them."""

    width: tuple[int, ...]
    products: tuple[frozenset[int], ...]
    inputs: tuple[str, ...]
    target: str
    edges: tuple[EdgeView, ...]
    formula: str | None = None

    def nodes(self, layer: int) -> tuple[int, ...]:
        """The nodes of a layer that are drawn: all inputs and outputs, and what has an edge."""
        if layer in (0, len(self.width) - 1):
            return tuple(range(self.width[layer]))
        ends = {e.source for e in self.edges if e.layer == layer}
        return tuple(sorted(ends | {e.target for e in self.edges if e.layer == layer - 1}))


@dataclass(frozen=True, eq=False)
class PredictionView:
    """What was measured and what is predicted, (n,) each, in the target's unit; `held_out` marks rows."""

    target: str
    model: str
    measured: Array
    predicted: Array
    held_out: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SliceView:
    """The target over one input, the others at `middle` (in words): the law at x as y (m,) with the `band` of its
    errors, and rows as points (n,)."""

    target: str
    variable: str
    x: Array
    y: Array
    band: tuple[Array, Array] | None
    points_x: Array
    points_y: Array
    held_out: NDArray[np.bool_]
    middle: str


@dataclass(frozen=True)
class LossView:
    """The stages that led to a version: name, and (step, root mean square error) on the way.

    A stage without a record of its steps has one entry, its end.
    """

    target: str
    stages: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True)
class FrontView:
    """Formulas by complexity: (complexity, 1 - r², formula, chosen)."""

    target: str
    formulas: tuple[tuple[int, float, str, bool], ...]


def shown_function(name: str) -> str:
    """A function's name for display: x^2 as x²."""
    for digit, raised in zip("23", "²³", strict=True):
        name = name.removesuffix(f"^{digit}") + raised if name.endswith(f"^{digit}") else name
    return name


def shortened(text: str, width: int) -> str:
    """A text in at most `width` characters, `…` in the place of its end."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def nearness(r2: float | None) -> str:
    """An r² with enough digits to distinguish it from one."""
    if r2 is None:
        return "-"
    lack = 1 - r2
    return "1" if lack <= 0 else f"{r2:.4f}" if lack >= 1e-3 else f"1−{lack:.0e}".replace("e-0", "e-")


def finite_rows(*columns: Sequence[float] | Array) -> tuple[Array, ...]:
    """The columns without the rows in which one of them is not finite."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    good = np.logical_and.reduce([np.isfinite(array) for array in arrays])
    return tuple(array[good] for array in arrays)
