"""Flag over recipe over default, once: everything below receives the finished, frozen value."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from kancli.errors import RecipeError, UsageError
from kancli.recipe.fields import section_model
from kancli.recipe.models import SEARCH, Recipe
from kancli.recipe.reader import Document, Loc, Problem, dotted, read_document
from kancli.recipe.wording import LONGEST, did_you_mean, wording
from kancli.visible import shortened

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST = 100
"""Mistakes that are listed: who has made more has made the same one often."""

Flags = Mapping[Loc, Any]
"""What was given on the command line: ("train", "grid") → its value."""


def read_recipe(path: str | Path, flags: Flags | None = None) -> Recipe:
    """Read a recipe file and check all of it.

    Raises RecipeError with one `file:line:column: key: …` line for each mistake, all of them at once.
    """
    return resolve(load(path), flags or {})


def load(path: str | Path) -> Document:
    """Read a recipe file without checking it; its `data.path` becomes one that this process can open."""
    document = read_document(Path(path), str(path))
    data = document.values.get("data")
    if isinstance(data, dict) and isinstance(data.get("path"), str):
        data["path"] = _beside(Path(path), data["path"])
        if isinstance(data.get("test"), str):
            data["test"] = _beside(Path(path), data["test"])
        if isinstance(data.get("more"), list):
            data["more"] = [_beside(Path(path), m) if isinstance(m, str) else m for m in data["more"]]
    return document


def resolve(
    document: Document | None,
    flags: Flags,
    *,
    base: Mapping[str, Any] | None = None,
    names: Mapping[Loc, str] | None = None,
    train: bool | None = None,
) -> Recipe:
    """Lay flags over the recipe file over `base` (an earlier recipe's values) over the defaults.

    `names` are the options' names on the command line, for messages. `train`: whether the train section is
    required; None: decided by the stages. Raises RecipeError for mistakes in the file and UsageError for
    mistakes in flags.
    """
    merged = _merge(dict(base or {}), document.values if document else {})
    for loc, value in flags.items():
        merged = _merge(merged, _nested(loc, value))
    if "stages" not in merged and "fit" in merged and "train" not in merged:
        merged["stages"] = list(SEARCH)
    stages = merged.get("stages")
    if train is None:
        train = not (isinstance(stages, list | tuple) and "train" not in stages)
    for section in ("data", "train") if train else ("data",):
        # So that their missing keys are reported one by one rather than the section as a whole.
        if merged.get(section) is None:
            merged[section] = {}
    problems = list(document.problems) if document else []
    misused: list[str] = []
    recipe = None
    try:
        recipe = Recipe.model_validate(merged)
    except ValidationError as invalid:
        known = {(problem.position, problem.key) for problem in problems}
        for error in invalid.errors(include_url=False)[:MOST]:
            flag = _flag_of(error, flags, document, names or {})
            if flag is not None:
                unknown = error["type"] == "extra_forbidden"
                misused.append(f"{flag} {_unknown(tuple(error['loc'])) if unknown else wording(error)}")
            else:
                assert document is not None
                problem = _problem(error, document)
                if (problem.position, problem.key) not in known:
                    problems.append(problem)
    if problems:
        problems.sort(key=lambda problem: (problem.position, problem.key))
        lines = [problem.line(document.source) for problem in problems[:MOST]] if document else []
        raise RecipeError("\n".join(lines))
    if misused:
        raise UsageError("; ".join(misused))
    assert recipe is not None
    return recipe


def _flag_of(
    error: ErrorDetails, flags: Flags, document: Document | None, names: Mapping[Loc, str]
) -> str | None:
    """The option's name in a usage error, or None when the mistake is in the recipe file."""
    loc = tuple(error["loc"])
    for given, value in flags.items():
        # An unknown section is reported rather than its contents.
        around = error["type"] == "extra_forbidden" and given[: len(loc)] == loc
        if loc[: len(given)] == given or (around and not (document and loc in document.keys)):
            shown = (
                f" {shortened(str(value), LONGEST)}"
                if isinstance(value, str | int | float) and not isinstance(value, bool)
                else ""
            )
            return f"{names.get(given, _flag_name(given))}{shown}:"
    # A key that is missing from the file can be given as a flag of this command.
    if document is None or (error["type"] == "missing" and loc in names):
        return names.get(loc, _flag_name(loc))
    return None


def _flag_name(loc: Loc) -> str:
    return f"--{str(loc[-1]).replace('_', '-')}"


def _problem(error: ErrorDetails, document: Document) -> Problem:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return Problem(document.position(loc, of_key=True), dotted(loc), _unknown(loc))
    of_key = error["loc"][-1] == "[key]"
    return Problem(document.position(loc, of_key=of_key), dotted(loc), wording(error))


def _unknown(loc: Loc) -> str:
    """`unknown key`, with the nearest one of the section, or the section that has it."""
    key, siblings = str(loc[-1]), _keys(Recipe, loc[:-1])
    near = did_you_mean(key, siblings)
    if not near:
        homes = [name for name in _keys(Recipe, ()) if key in _keys(Recipe, (name,)) and name != loc[0]]
        near = f"; it belongs to {homes[0]}:" if homes else f"; known are {', '.join(siblings)}"
    return f"unknown key{near}"


def _keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that a section may have; none if there is no such section."""
    for part in loc:
        inner = section_model(model.model_fields[str(part)]) if part in model.model_fields else None
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _beside(recipe: Path, data: str) -> str:
    """A relative data path belongs to the recipe's folder; failing that, to the current one."""
    beside = os.path.normpath(recipe.parent / data)
    return beside if data != "-" and os.path.exists(beside) else data


def _nested(loc: Loc, value: Any) -> dict[str, Any]:
    for part in reversed(loc):
        value = {str(part): value}
    assert isinstance(value, dict)
    return value


def _merge(below: dict[str, Any], above: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Sections are merged key by key; inside a section the upper value replaces the lower one."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        if depth == 0 and isinstance(lower, dict) and (isinstance(value, dict) or value is None):
            merged[key] = _merge(lower, value or {}, depth + 1)
        else:
            merged[key] = value
    return merged
