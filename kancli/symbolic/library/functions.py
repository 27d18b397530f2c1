"""The elementary functions that an edge may turn out to be, and how people name them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from typing import Literal

import numpy as np

from kancli.errors import UsageError
from kancli.symbolic.elementary import FUNCTIONS, TINY, Array
from kancli.symbolic.library.algebraic import GAUSSIAN, LANGEVIN, POWERS
from kancli.symbolic.library.function import Elementwise, Function, from_entry

__all__ = [
    "ALIASES",
    "ALL",
    "BUILTIN",
    "NAMED_POWERS",
    "RARE",
    "SETS",
    "TINY",
    "Array",
    "Elementwise",
    "Function",
    "function_of",
    "functions_meant",
    "late_functions",
    "library",
    "named_function",
    "special_functions",
    "user_function",
]

_CALLS = tuple(from_entry(entry) for entry in FUNCTIONS.values() if entry.traits is not None)

ALL: Mapping[str, Function] = {
    function.name: function
    for function in (
        *POWERS,
        *(function for function in _CALLS if not function.is_broken),
        GAUSSIAN,
        LANGEVIN,
        *(function for function in _CALLS if function.is_broken),
    )
}
BUILTIN: Mapping[str, Function] = {name: f for name, f in ALL.items() if f.tried == "always"}
# Known by name, but not in the library unless given by name.
RARE: Mapping[str, Function] = {name: f for name, f in ALL.items() if f.tried != "always"}

# What a name in `lib` or `exclude` may stand for beside one function: these, in `lib` together with the library.
_SPECIAL = tuple(name for name, f in RARE.items() if f.tried == "special")
SETS: Mapping[str, tuple[str, ...]] = {
    "default": tuple(BUILTIN),
    "special": (*_SPECIAL, "erf", "langevin"),
    "physics": (
        *(name for name in _SPECIAL if "gamma" not in name and name != "LambertW"),
        "erf",
        "langevin",
    ),
    "biology": ("erf", "gamma", "loggamma", "digamma", "besseli0", "LambertW", "Heaviside"),
}

# Other spellings of the names, as people type them.
ALIASES: Mapping[str, str] = {alias: f.name for f in ALL.values() for alias in f.aliases}

# The functions that are powers, by their exponent.
NAMED_POWERS: Mapping[float, str] = {f.degree: f.name for f in POWERS if f.degree is not None}


def library(
    names: Sequence[str] | None = None, exclude: Sequence[str] = (), user: Mapping[str, str] | None = None
) -> tuple[Function, ...]:
    """The functions to try, simplest first.

    `names` (default: all that are always tried) and `exclude` pick from the known functions and from `user`, a map
    from a name to an expression text in u or x; the name of one of the `SETS` adds its functions to the library. The
    identity "x" is always among them: a straight edge is no choice of taste. Raises UsageError for a name that is
    none of these.
    """
    user = user or {}
    own = {name: user_function(name, text) for name, text in user.items()}
    known = {**BUILTIN, **RARE, **own}
    chosen = [*BUILTIN, *own]
    if names is not None:
        chosen = ["x", *own]
        for name in names:
            chosen += [*BUILTIN, *SETS[name]] if name in SETS else [_resolve(name, known)]
    left_out = functions_meant(exclude, user)
    picked = {name: known[name] for name in chosen if name not in left_out or name == "x"}
    return tuple(sorted(picked.values(), key=lambda function: function.complexity))


def functions_meant(names: Sequence[str], user: Mapping[str, str] | None = None) -> frozenset[str]:
    """The functions that names, and names of sets, stand for. Raises UsageError for a name that is neither."""
    known = {**ALL, **{own: user_function(own, text) for own, text in (user or {}).items()}}
    return frozenset(
        one for name in names for one in (SETS[name] if name in SETS else (_resolve(name, known),))
    )


def late_functions(functions: Sequence[Function]) -> tuple[Function, ...]:
    """What is tried on edges that nothing in the library `functions` fits."""
    names = {function.name for function in functions}
    return tuple(f for f in RARE.values() if f.tried == "late" and names.issuperset(f.late_beside))


def special_functions(
    functions: Sequence[Function], excluded: Set[str] = frozenset()
) -> tuple[Function, ...]:
    """What is tried after that: the special functions, where `functions` are the library but for those `excluded`."""
    names = {function.name for function in functions}
    if not names.issuperset(BUILTIN.keys() - excluded):
        return ()
    return tuple(f for f in RARE.values() if f.tried == "special" and f.name not in names | excluded)


def named_function(name: str, user: Mapping[str, str] | None = None) -> Function:
    """The one function that a user means by `name`: built in, another spelling, or their own.

    Raises UsageError for a name that is none of these.
    """
    known = {**ALL, **{own: user_function(own, text) for own, text in (user or {}).items()}}
    return known[_resolve(name, known)]


def function_of(name: str, definition: str | None = None) -> Function:
    """The function behind a step of an activation: a built-in name, or a user's name with its text."""
    if definition is not None:
        return user_function(name, definition)
    known = ALL.get(name)
    if known is None:
        raise UsageError(f"unknown function {name!r}", _hint(name, BUILTIN))
    return known


@lru_cache(maxsize=256)
def user_function(name: str, text: str) -> Function:
    """A function from an expression text in one variable, u or x, read by the safe parser.

    Raises UsageError when the text has another variable, or none.
    """
    from kancli.symbolic.library.user import compile_text

    value, derivative, complexity = compile_text(name, text)
    return Function(
        name=name,
        template=text,
        value=value,
        derivative=derivative,
        complexity=complexity,
        parity=_parity(value),
        definition=text,
    )


def _parity(value: Elementwise) -> Literal[-1, 0, 1]:
    """Whether a function is even or odd, by its values at some points of several sizes."""
    u = np.array([0.037, 0.31, 0.77, 1.3, 2.9, 7.1])
    with np.errstate(all="ignore"):
        right, left = value(u, 1.0), value(-u, 1.0)
    if np.allclose(left, right, rtol=1e-12, atol=0.0):
        return 1
    return -1 if np.allclose(left, -right, rtol=1e-12, atol=0.0) else 0


def _resolve(name: str, known: Mapping[str, Function]) -> str:
    if name in known:
        return name
    if name in ALIASES:
        return ALIASES[name]
    raise UsageError(f"unknown function {name!r}", _hint(name, known))


def _hint(name: str, known: Mapping[str, Function]) -> str:
    close = difflib.get_close_matches(name, [*known, *ALIASES, *SETS], n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"the library has {', '.join(known)}"
