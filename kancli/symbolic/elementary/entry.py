"""An entry of the table of functions: values, identities, notation, and its traits on an edge.

Nothing outside the table names a function in order to classify it. What remains by name elsewhere are identities
of one function, such as exp(u + v) = exp(u)·exp(v), and forms that are built from certain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

# The smallest argument at which u**-6 is still a number: clamping to it keeps log and 1/sqrt finite.
TINY = 1e-50


@dataclass(frozen=True, kw_only=True)
class Traits:
    """How a function behaves on an edge, where it is used as c·f(a·u + b) + d, and what it is worth there.

    `complexity`: what a formula pays for it, the identity being 1. `scale`: is a free, redundant up to its sign, or
    redundant altogether; `shift`: is b free.
    """

    complexity: int
    scale: Literal["free", "sign", "fixed"] = "free"
    shift: Literal["free", "fixed"] = "free"
    # What happens at u = 0; a function with a branch point is defined on one side of it.
    at_zero: Literal["smooth", "pole", "branch", "kink", "jump"] = "smooth"
    # The p of u**p, where the function is a power of a given exponent.
    degree: float | None = None
    # Whether the function is u**p with an exponent to be fitted.
    has_exponent: bool = False
    # Quarter turns that a wave is ahead of the sine; None for what is no wave.
    wave: int | None = None
    period: float | None = None
    # Grows like exp on both sides.
    grows: bool = False
    # Tends to one constant on the left and another on the right.
    saturates: bool = False
    # Beyond this |u| the function is a simpler one (exp, 1/u, a constant) to about six digits.
    remote: float = np.inf
    # The function that this one is but for constants: it is found as that one, where the library has it.
    twin: str = ""
    # Inside a composition every start is worth its time, not every other one.
    dense_starts: bool = False
    worth_adding: bool = True
    worth_multiplying: bool = True
    # Worth a level of its own in a chain.
    worth_nesting: bool = True
    # Inner functions over which this one gives a single function again.
    trivial_over: tuple[str, ...] = ()
    # "always": in the library by default. "late": only for single edges that nothing else fits, and only beside the
    # functions in `late_beside`, for which it is mistaken on a spline's few digits. "special": after those, beside
    # the whole library, and only kept where it explains all there is to explain. "named": only if given by name.
    tried: Literal["always", "late", "special", "named"] = "always"
    late_beside: tuple[str, ...] = ()
    # Ends of the intervals of u from which a search starts, where they are no matter of decades.
    ends: tuple[float, ...] = ()
    # Oscillates, but unevenly: every frequency is worth a start.
    ripples: bool = False
    # An edge has only arguments beyond this, although the function is defined elsewhere too: poles lie there.
    beyond: float = -np.inf

    @property
    def is_line(self) -> bool:
        """Is it the identity."""
        return self.degree == 1.0

    @property
    def is_straight(self) -> bool:
        """Is it made of straight pieces."""
        return self.is_line or self.is_broken

    @property
    def is_broken(self) -> bool:
        """Has it a kink or a jump at 0."""
        return self.at_zero in ("kink", "jump")

    @property
    def is_one_sided(self) -> bool:
        """Has it a pole or a branch point at 0."""
        return self.at_zero in ("pole", "branch")


def called(spelling: str, argument: str) -> str:
    """A call in some language: `spelling` is a name, or all of it with {0} for the argument."""
    return spelling.format(argument) if "{0}" in spelling else f"{spelling}({argument})"


@dataclass(frozen=True)
class Written:
    """How a language writes a call, and the `definition` of that name where the language has none.

    `name`: the name alone, or the whole call with {0} for the argument: "besselj(0, {0})".
    """

    name: str
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class Elementary:
    """One function of one real variable.

    `value(u)` works elementwise on arrays of any shape, NaN outside the domain [low, high]; `derivative(u, v)` has
    v = value(u) at hand, as many derivatives are cheap in terms of it.
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    low: float = -np.inf
    high: float = np.inf
    # 1 for even, -1 for odd functions.
    parity: Literal[-1, 0, 1] = 0
    sign: Literal["positive", "not negative", "any"] = "any"
    # f(undoes(u)) = u wherever the left side is defined.
    undoes: str = ""
    # Exact arguments with their exact values, as texts.
    exact_values: tuple[tuple[str, str], ...] = (("0", "0"),)
    # The long name, such as arcsin: numpy, torch and jax call it so, and so does the library of edges.
    long: str = ""
    # Other names under which a formula may call it.
    spellings: tuple[str, ...] = ()
    # What sympy and mpmath call it, where that is another name; or how mpmath computes it, where it has none.
    sympy: str = ""
    mpmath: str | Callable[[Any, Any], Any] = ""
    # The first of two arguments that sympy, mpmath and the text of a formula give it: 0 in besselj(0, u).
    order: int | None = None
    # May a column have its name? A formula tells a call from a name; only sympy cannot have both at once.
    name_is_free: bool = False
    # The LaTeX command, where the name is not set upright as an operator.
    latex: str = ""
    # A symbol and its index in MathML, where that is not the name: ("J", "0").
    symbol: tuple[str, str] | None = None
    # What stands around the argument in print instead of a name: |u|.
    fences: tuple[str, str] | None = None
    # Languages (the formats of `kan export`) that write it otherwise than by their own rule; None: cannot write it.
    exports: Mapping[str, Written | None] = field(default_factory=dict)
    # What the library of edges calls it, where that is neither `long` nor `name`.
    on_edge: str = ""
    # None: not in the library of edges.
    traits: Traits | None = None

    @property
    def long_name(self) -> str:
        return self.long or self.name

    @property
    def library_name(self) -> str:
        return self.on_edge or self.long_name

    @property
    def sympy_name(self) -> str:
        return self.sympy or self.name

    @property
    def spelling(self) -> str:
        """The call in the text of a formula, which sympy reads: its name, or all of it with {0} for the argument."""
        return self.sympy_name if self.order is None else f"{self.sympy_name}({self.order}, {{0}})"

    def by_sympy(self, sympy: Any, argument: Any) -> Any:
        """The call as the module `sympy` has it."""
        return getattr(sympy, self.sympy_name)(*self._before, argument)

    def by_mpmath(self, mp: Any, argument: Any) -> Any:
        """The value of mpmath, whose module or context is `mp`."""
        if callable(self.mpmath):
            return self.mpmath(mp, argument)
        return getattr(mp, self.mpmath or self.name)(*self._before, argument)

    @property
    def _before(self) -> tuple[int, ...]:
        return () if self.order is None else (self.order,)

    @property
    def latex_name(self) -> str:
        return self.latex or rf"\operatorname{{{self.name}}}"

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which a formula may call it with one argument, its own first."""
        sympy = self.sympy if self.order is None else ""
        several = (self.name, self.long, sympy, self.on_edge, *self.spellings)
        return tuple(dict.fromkeys(name for name in several if name))
