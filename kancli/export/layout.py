"""What the exports have in common: remarks at the top, helpers where needed, short lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kancli.export.source import Source, plain

_TOKEN = re.compile(r"\w+\.?\w*(?:(?<=[eE])[+-]\d+\w*)?|\*\*|\s+|.")


def remarks(source: Source, parameters: Sequence[str], comment: str) -> list[str]:
    """The equation, then what each parameter and the result is, as lines of comment."""
    lines = [plain(source.one_line), ""]
    lines += [f"{name}: {source.about(index)}" for index, name in enumerate(parameters)]
    lines += [f"returns {source.about_target}"]
    return [f"{comment} {line}".rstrip() for line in lines]


def mentions(body: str, name: str) -> bool:
    """Whether `name` occurs as a word of its own."""
    return re.search(rf"\b{name}\b", body) is not None


def used(body: str, helpers: Mapping[str, str]) -> list[str]:
    """The definitions that `body` calls, each with those that it calls itself before it."""
    found: list[str] = []
    for name, definition in helpers.items():
        if re.search(rf"\b{name}\(", body):
            found += [more for more in used(definition, _without(helpers, name)) if more not in found]
            found += [definition] if definition not in found else []
    return found


def _without(helpers: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: text for other, text in helpers.items() if other != name}


def wrapped(text: str, width: int) -> list[str]:
    """An expression cut into lines of at most `width` characters, never inside a name, number or operator."""
    lines = [""]
    for token in _TOKEN.findall(text):
        if len(lines[-1]) + len(token) > width:
            lines.append("")
        lines[-1] += token if lines[-1] else token.lstrip()
    return [line.rstrip() for line in lines]
