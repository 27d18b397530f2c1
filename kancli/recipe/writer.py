"""Values → the text of a recipe, which `parse_document` reads back as the same values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kancli.recipe.scalars import parse_scalar

# Such a text has no special meaning in YAML, inside brackets or outside.
_PLAIN = re.compile(r"(?:\.{0,2}/)?[^\W\d][\w./^*+-]*(?: \w[\w./^*+-]*)*")


def to_yaml(values: Mapping[str, Any]) -> str:
    """Sections with one `key: value` per line; lists and maps inside a section in brackets."""
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            lines += ["", f"{scalar(key)}:"]
            lines += [f"  {scalar(name)}: {inline(entry)}" for name, entry in value.items()]
            lines.append("")
        else:
            lines.append(f"{scalar(key)}: {inline(value)}")
    return re.sub("\n\n+", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(entry) for entry in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A number, truth value, null or text; text in quotes where it would be read as something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and parse_scalar(value) == value:
        return value
    import yaml

    text: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=float("inf"))
    return text.rstrip("\n")
