"""Building blocks of the option models: field types that both a YAML list and a flag's text fill."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt
from pydantic.fields import FieldInfo

from kancli.recipe.scalars import parse_scalar
from kancli.recipe.width import format_width, parse_width

_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Flag:
    """How a field appears on the command line, where that does not follow from its name and type.

    `repeat` marks a flag that is given once per entry, because its entries contain commas.
    """

    name: str | None = None
    metavar: str | None = None
    repeat: bool = False


class Options(BaseModel):
    """A frozen set of options: unknown keys are errors and nothing is converted silently."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        populate_by_name=True,
    )


def section_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a section (which may be left out); None for any other field."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _width_text(value: Any) -> str:
    if not isinstance(value, str | list | tuple):
        raise ValueError("must be a list of layers such as [2, 5, 1]")
    return format_width(parse_width(value))


def _as_names(value: Any) -> Any:
    """Take a list, or `a,b` as text, for a tuple of names."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if isinstance(value, list | tuple) and any(part == "" for part in value):
        raise ValueError("has an empty name")
    return tuple(value) if isinstance(value, list) else value


def _as_numbers(value: Any) -> Any:
    """Take a list, a single number, or `10,20` as text, for a tuple of numbers."""
    if isinstance(value, str):
        return tuple(parse_scalar(part.strip()) for part in value.split(","))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def as_tuple(value: Any) -> Any:
    """Take a list, or a single text, for a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def as_seconds(value: Any) -> Any:
    """Read 90, 90s, 1.5m or 1h as seconds."""
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}.get(text[-1:])
    try:
        return float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        raise ValueError(f"{value!r} is not a time; write seconds, or 10m, or 1h") from None


def _edge_name(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",")]
    if len(parts) != 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError(f"{value!r} is not an edge; write layer,from,to counted from 0, such as 0,1,0")
    return ",".join(str(int(part)) for part in parts)


Width = Annotated[
    str,
    BeforeValidator(_width_text, json_schema_input_type=str | list[int | str]),
    Flag(metavar="LAYERS"),
]
"""Normalised width text, such as `4,3+2p,1`."""

Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_names, json_schema_input_type=str | list[str]),
    Flag(metavar="NAME,…"),
]

Grids = Annotated[
    tuple[PositiveInt, ...],
    BeforeValidator(_as_numbers, json_schema_input_type=str | PositiveInt | list[PositiveInt]),
    Flag(metavar="N,…"),
]

Edge = Annotated[str, BeforeValidator(_edge_name)]
"""An edge as `layer,from,to`, counted from 0."""

Edges = Annotated[
    tuple[Edge, ...],
    BeforeValidator(as_tuple, json_schema_input_type=str | list[str]),
    Flag(metavar="EDGE", repeat=True),
]

Forms = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(as_tuple, json_schema_input_type=str | list[str]),
    Flag(metavar="FORM", repeat=True),
]
"""Formulas whose constants have names."""

Texts = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(as_tuple, json_schema_input_type=str | list[str]),
    Flag(metavar="TEXT", repeat=True),
]
"""Texts that are read where they are used."""

Groups = Annotated[
    tuple[Names, ...],
    BeforeValidator(as_tuple, json_schema_input_type=list[str | list[str]]),
    Flag(metavar="NAME,…", repeat=True),
]
"""Several lists of names, such as `x1,x2` and `y1,y2`."""

EdgeFunctions = Annotated[dict[Edge, str], Flag(metavar="EDGE=FUNCTION", repeat=True)]

Definitions = Annotated[dict[str, str], Flag(metavar="NAME=EXPRESSION", repeat=True)]
