"""How a language calls the elementary functions: by its own rule, save where their table says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf

from kancli.symbolic.elementary import FUNCTIONS, Elementary


def calls(language: str, rule: Callable[[Elementary], str]) -> Mapping[str, str]:
    """What each function is called; those that the language cannot write are missing."""
    known = {}
    for name, entry in FUNCTIONS.items():
        written = entry.exports.get(language)
        if written is not None:
            known[name] = written.name
        elif language not in entry.exports:
            known[name] = rule(entry)
    return known


def definitions(language: str) -> Mapping[str, str]:
    """The source of the functions that the language does not have, by what they are called."""
    written = (entry.exports.get(language) for entry in FUNCTIONS.values())
    return {one.name: one.definition for one in written if one is not None and one.definition}


def partial(language: str) -> tuple[Elementary, ...]:
    """The functions that are not defined for all numbers, of those that the language writes by its own rule."""
    own = (entry for entry in FUNCTIONS.values() if language not in entry.exports)
    return tuple(entry for entry in own if entry.low > -inf or entry.high < inf)


def calls_in_domain(language: str) -> Mapping[str, str]:
    """For languages whose own functions raise or turn complex outside the domain: a `log_` that gives nan."""
    outside = {entry.name for entry in partial(language)}
    return calls(language, lambda entry: f"{entry.name}_" if entry.name in outside else entry.name)


def unwritable(language: str) -> frozenset[str]:
    """The functions that the language cannot write."""
    return frozenset(name for name, entry in FUNCTIONS.items() if entry.exports.get(language, entry) is None)
