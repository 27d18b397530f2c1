"""A function of one variable u, as an edge uses it: c·f(a·u + b) + d.

For most functions one or two of the four constants are redundant (the size of a in (a·x)² only changes c); `scale`
and `shift` say what is left to fit, so that the parameters of an activation are always independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.elementary import Array, Elementary, Traits, called


class Elementwise(Protocol):
    """f(u, p) on arrays of any shape; only a power reads the exponent p."""

    def __call__(self, u: Array, p: Array | float = 1.0, /) -> Array: ...


class Slope(Protocol):
    """f′(u) where v = f(u) is known, on arrays of any shape; only a power reads the exponent p."""

    def __call__(self, u: Array, v: Array, p: Array | float = 1.0, /) -> Array: ...


@dataclass(frozen=True, kw_only=True)
class Function(Traits):
    """One function of one variable u, with the traits by which a search treats it.

    `value(u, p)` and `derivative(u, value(u, p), p)` work elementwise on arrays of any shape and give NaN outside
    the domain [low, high]; only a function with `has_exponent` reads p (a number, or an array that broadcasts
    against u). `template` is what a formula writes; `parity` is 1 for even and -1 for odd functions (so that a > 0
    can be asked for); `aliases` are other spellings of the name; `definition` is the text of a user's function.
    """

    name: str
    template: str
    value: Elementwise
    derivative: Slope
    low: float = -np.inf
    high: float = np.inf
    parity: Literal[-1, 0, 1] = 0
    aliases: tuple[str, ...] = ()
    definition: str | None = None

    @property
    def is_bounded(self) -> bool:
        """Is it defined on an interval only."""
        return self.low > -np.inf and self.high < np.inf

    def inside(self, u: Array) -> NDArray[np.bool_]:
        """Which elements of u lie in the domain."""
        return (u >= self.low) & (u <= self.high)


def plain(function: Callable[[Array], Array]) -> Elementwise:
    """`function` as an Elementwise that has no exponent."""

    def elementwise(u: Array, p: Array | float = 1.0, /) -> Array:
        return function(u)

    return elementwise


def plain_slope(derivative: Callable[[Array, Array], Array]) -> Slope:
    """`derivative(u, v)` as a Slope that has no exponent."""

    def slope(u: Array, v: Array, p: Array | float = 1.0, /) -> Array:
        return derivative(u, v)

    return slope


def within(function: Callable[[Array], Array], low: float) -> Callable[[Array], Array]:
    """`function`, NaN below `low`."""
    return lambda u: function(np.where(u >= low, u, np.nan))


def from_entry(entry: Elementary) -> Function:
    """The function of an edge that an entry of the table describes. Raises ValueError where it describes none."""
    traits = entry.traits
    if traits is None:
        raise ValueError(f"{entry.name} is no function of an edge")
    value, derivative = entry.value, entry.derivative
    low = max(entry.low, traits.beyond)
    if traits.at_zero == "branch" or low > entry.low:
        value = within(entry.value, low)
        derivative = lambda u, v: entry.derivative(np.where(u >= low, u, np.nan), v)  # noqa: E731
    name = entry.library_name
    return Function(
        **{one.name: getattr(traits, one.name) for one in fields(traits)},
        name=name,
        template=called(entry.spelling, "u"),
        value=plain(value),
        derivative=plain_slope(derivative),
        low=low,
        high=entry.high,
        parity=entry.parity,
        aliases=tuple(other for other in (entry.name, *entry.spellings) if other != name),
    )
