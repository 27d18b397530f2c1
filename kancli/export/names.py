"""Names of columns as names in a program: valid, distinct, and not used by the language or the program."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Fortran and MATLAB allow 63 characters, including those that make a name distinct.
_LONGEST = 56
_GREEK = ("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")


def python_names(names: Iterable[str], avoided: frozenset[str]) -> tuple[str, ...]:
    """The names of the formula, which Python can read, with an underscore after those in `avoided`."""
    names = tuple(names)
    return _distinct(names, names, avoided, folds_case=False)


def plain_names(
    names: Iterable[str], avoided: frozenset[str], *, folds_case: bool = False
) -> tuple[str, ...]:
    """ASCII names that begin with a letter: θ → theta, Länge → Lange, _x → x_x, int → int_.

    `folds_case` if the language does not distinguish m from M: one of them becomes M_.
    """
    names = tuple(names)
    return _distinct(names, [_ascii(name) for name in names], avoided, folds_case)


def _distinct(
    names: tuple[str, ...], wanted: Iterable[str], avoided: frozenset[str], folds_case: bool
) -> tuple[str, ...]:
    """Valid names stay unchanged; the others get underscores until they are unique."""

    def key(name: str) -> str:
        return name.lower() if folds_case else name

    forbidden = {key(name) for name in avoided}
    wanted = tuple(wanted)
    kept: dict[str, int] = {}
    for index, (name, wish) in enumerate(zip(names, wanted, strict=True)):
        if name == wish and key(name) not in forbidden:
            kept.setdefault(key(name), index)
    chosen = []
    taken = {*kept, *forbidden}
    for index, wish in enumerate(wanted):
        name = wish
        if kept.get(key(wish)) != index:
            while key(name) in taken:
                name += "_"
            taken.add(key(name))
        chosen.append(name)
    return tuple(chosen)


def _ascii(name: str) -> str:
    text = "".join(map(_letter, name))[:_LONGEST]
    return text if text[:1].isalpha() else f"x{text}"


def _letter(character: str) -> str:
    if character.isascii():
        return character
    name = unicodedata.name(character, "")
    for start in _GREEK:
        if name.startswith(start):
            word = name.removeprefix(start).split()[0].lower()
            return word.capitalize() if "CAPITAL" in start else word
    plain = unicodedata.normalize("NFKD", character)
    return "".join(mark for mark in plain if mark.isascii() and mark.isalnum()) or "_"
