"""pydantic's errors in the words of kancli, the same for a recipe and for a flag."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kancli.visible import shortened

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KINDS = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be lines of the form key: value",
    "model_type": "must be a section of the form key: value",
    "model_attributes_type": "must be a section of the form key: value",
}

LONGEST = 60
"""Characters of a value that a message repeats."""

_BOUNDS = {
    "greater_than_equal": ("ge", "must be at least"),
    "greater_than": ("gt", "must be above"),
    "less_than_equal": ("le", "must be at most"),
    "less_than": ("lt", "must be below"),
}


def wording(error: ErrorDetails) -> str:
    """What is wrong with a value, as the end of a sentence that begins with its key or flag."""
    kind, context = error["type"], error.get("ctx", {})
    given = _shown(error["input"])
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in _BOUNDS:
        name, phrase = _BOUNDS[kind]
        return f"{phrase} {_shown(context[name])}, not {given}"
    if kind == "string_pattern_mismatch":
        return f"must be {_alternatives(str(context['pattern']))}, not {given}"
    if kind == "literal_error":
        return _choice(error["input"], str(context["expected"]))
    if kind == "finite_number":
        return f"must be finite, not {given}"
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind == "string_type" and isinstance(error["input"], bool | int | float):
        return f'must be text, not {given}; put it in quotes: "{given}"'
    if kind in _KINDS:
        return f"{_KINDS[kind]}, not {given}"
    return error["msg"].replace("Input should", "should")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean grid?` when one of the known words is near, else nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _alternatives(pattern: str) -> str:
    """`a, b<=N` of the pattern `^(a|b<=[0-9]{1,9})$`."""
    return "one of " + ", ".join(pattern.strip("^()$").replace("[0-9]{1,9}", "N").split("|"))


def _choice(given: Any, expected: str) -> str:
    known = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    if len(known) == 1:
        return f"must be {known[0]}, not {_shown(given)}"
    return f"must be one of {', '.join(known)}, not {_shown(given)}{did_you_mean(str(given), known)}"


def _shown(value: Any) -> str:
    """A value as a recipe would write it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_shown(entry) for entry in value)}]"
    if isinstance(value, str):
        return repr(shortened(value, LONGEST))
    return str(value)
