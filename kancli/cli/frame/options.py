"""Flags made from the option models: one per field, absent unless given.

Typer has no shared options and does not enforce bounds in an annotation, so a flag is only text; it is
checked by the same model as a recipe.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from kancli.cli.frame.completing import completer_of
from kancli.cli.frame.keyword import keyword
from kancli.errors import UsageError
from kancli.recipe.fields import Flag, section_model
from kancli.recipe.models import Recipe
from kancli.recipe.reader import Loc
from kancli.recipe.scalars import parse_scalar

# The table is an argument, or --data where the argument is a run.
_NO_FLAG = {("data", "path"), ("data", "more")}


@dataclass(frozen=True)
class FieldFlag:
    """One field of the recipe as a flag: its place, its spelling and how its text is read."""

    loc: Loc
    field: FieldInfo
    flag: Flag

    @property
    def parameter(self) -> str:
        """The name of the keyword that the parsed flag arrives under."""
        return "__".join(map(str, self.loc))

    @property
    def spelling(self) -> str:
        """As typed, the long form: `--drop-missing`."""
        name = self.flag.name or f"--{str(self.loc[-1]).replace('_', '-')}"
        return name.split(",")[-1]

    def as_parameter(self) -> inspect.Parameter:
        """The keyword that declares the flag to typer; None when it is left out."""
        kind: Any = bool if self.is_switch else list[str] if self.flag.repeat else str
        names = self.flag.name.split(",") if self.flag.name else [self.spelling]
        if self.is_switch:
            names = [f"{self.spelling}/--no-{self.spelling[2:]}"]
        option = typer.Option(
            *names,
            help=self.help,
            metavar=self.metavar,
            show_default=False,
            autocompletion=completer_of(self.loc, self.metavar, self.choices),
        )
        return keyword(self.parameter, kind | None, option)

    @property
    def is_switch(self) -> bool:
        return self.field.annotation is bool

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of an option that has only a few."""
        literal = get_origin(self.field.annotation) is Literal
        return tuple(map(str, get_args(self.field.annotation))) if literal else ()

    @property
    def metavar(self) -> str | None:
        """What stands for the value in help: the choices, N, NUMBER or TEXT."""
        if self.is_switch:
            return None
        if self.flag.metavar:
            return self.flag.metavar
        if self.choices:
            return "|".join(self.choices)
        kinds: dict[Any, str] = {int: "N", float: "NUMBER"}
        return kinds.get(self.field.annotation, "TEXT")

    @property
    def help(self) -> str:
        """The field's description with its default and bounds."""
        facts = []
        default = self.field.get_default(call_default_factory=True)
        if self.is_switch:
            facts.append(f"default: {'on' if default else 'off'}")
        elif self.field.is_required():
            facts.append("required")
        elif isinstance(default, tuple) and default:
            facts.append(f"default: {','.join(map(str, default))}")
        elif isinstance(default, int | float | str):
            facts.append(f"default: {default}")
        facts += [
            f"{word} {getattr(bound, name):g}"
            for bound in self.field.metadata
            for name, word in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
            if hasattr(bound, name)
        ]
        aside = f" [{'; '.join(facts)}]" if facts else ""
        return f"{self.field.description}{aside}"

    def value(self, given: Any) -> Any:
        """What the flag's text means, as a recipe would hold it; the model checks it later."""
        if self.is_switch:
            return given
        if self.flag.repeat:
            return self._entries(given)
        numeric = {int, float} & {self.field.annotation, *get_args(self.field.annotation)}
        return parse_scalar(given) if numeric else given

    def _entries(self, given: Sequence[str]) -> Any:
        if get_origin(self.field.annotation) is not dict:
            return list(given)
        pairs = {}
        for text in given:
            key, equals, value = text.partition("=")
            if not (key.strip() and equals and value.strip()):
                raise UsageError(f"{self.spelling} {text}: must have the form {self.metavar}")
            pairs[key.strip()] = value.strip()
        return pairs


def field_flags(wanted: Sequence[str]) -> Iterator[FieldFlag]:
    """The flags of whole sections (`train`), single fields (`run.jobs`) or top-level keys (`seed`)."""
    for name in wanted:
        section, _, only = name.partition(".")
        field = Recipe.model_fields[section]
        model = section_model(field)
        if model is None:
            yield FieldFlag((section,), field, _flag(field))
            continue
        for key, inner in model.model_fields.items():
            loc = (section, inner.alias or key)
            if (only and key != only) or loc in _NO_FLAG:
                continue
            yield FieldFlag(loc, inner, _flag(inner))


def given_values(flags: Sequence[FieldFlag], given: Mapping[str, Any]) -> dict[Loc, Any]:
    """The flags that were typed, by their place in the recipe."""
    return {
        flag.loc: flag.value(given[flag.parameter])
        for flag in flags
        if given.get(flag.parameter) not in (None, [])
    }


def _flag(field: FieldInfo) -> Flag:
    """The field's own Flag, or that of the type inside `Names | None`."""
    inner = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    candidates = [*field.metadata, *(entry for metadata in inner for entry in metadata)]
    return next((entry for entry in candidates if isinstance(entry, Flag)), Flag())
