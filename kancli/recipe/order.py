"""A recipe's values in an order that is easy to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from kancli.recipe.fields import section_model
from kancli.recipe.models import Recipe


def arranged(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sections and keys in the order of the models, without those that are None or empty."""
    return _in_order(_present(values), Recipe)


def _in_order(values: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The values in the order of the model; unknown keys come last."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    ordered = {name: values[name] for name in fields if name in values} | dict(values)
    sections = {name: section_model(fields[name]) for name in ordered if name in fields}
    return {
        name: _in_order(value, section) if (section := sections.get(name)) else value
        for name, value in ordered.items()
    }


def _present(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {str(key): _present(entry) for key, entry in value.items()}
        return {key: entry for key, entry in kept.items() if entry is not None and entry not in ({}, [])}
    return value
