"""The version of the format, and numbers that may be undefined."""

from __future__ import annotations

from typing import Literal

# pydantic reads the one of typing from Python 3.12 on only, and brings this with it.
from typing_extensions import TypedDict

Number = float | None
"""null where it is undefined."""


class Base(TypedDict):
    """Every document: the version of its format."""

    kan: Literal[1]
