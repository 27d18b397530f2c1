"""The JSON Schema of a recipe, for editors that complete and check while you type."""

from __future__ import annotations

from typing import Any

from kancli.recipe.models import Recipe


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) that accepts what `read_recipe` accepts, field by field."""
    schema = Recipe.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "kan recipe",
    }
