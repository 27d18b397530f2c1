"""The version of the format, and numbers that may be undefined."""

from __future__ import annotations

from typing import Literal

# pydantic accepts the TypedDict of typing only from Python 3.12 on, and depends on this package.
from typing_extensions import TypedDict

Number = float | None
"""null where it is undefined."""


class Base(TypedDict):
    """Every document: the version of its format."""

    kan: Literal[1]
