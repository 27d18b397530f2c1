r"""Text of somebody else as it may be shown: what a terminal would obey, or hide, is written as \uXXXX.

Column names, file names, the keys of a recipe and all that a .kan file says may hold escape sequences, which set the
title of a window, clear it or do more, and signs that turn the direction of what follows.
"""

from __future__ import annotations

import re
import unicodedata

_CANDIDATES = re.compile(r"[^\n\t -~]")
# Control characters, format characters (direction, tags, no width), lone surrogates, separators of lines.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# But these two belong to the spelling of Persian, Hindi and other languages, and join an emoji's parts.
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    r"""The same text, its line breaks and tabs too; U+001B becomes \u001b, as JSON and YAML have it in quotes."""
    if text.isascii() and text.isprintable():
        return text
    return _CANDIDATES.sub(_shown, text)


def one_line(text: str) -> str:
    r"""The same with line breaks and tabs as \n and \t: for a name, which must not look like more than one."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def shortened(text: str, most: int) -> str:
    """A line of no more than `most` characters: of a longer one the beginning and the end."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … {text[len(text) - most // 2 + 3 :]}"


def is_visible(text: str) -> bool:
    """Whether a name can be shown, and typed, as it is."""
    return one_line(text) == text


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) not in _HIDDEN or character in _JOINERS:
        return character
    # Beyond four digits JSON has pairs of surrogates.
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
