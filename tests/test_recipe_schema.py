"""The JSON Schema says what the models enforce."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from kancli.recipe import Recipe, json_schema


def sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield name, field.annotation


def described(section: str) -> dict[str, Any]:
    schema = json_schema()
    reference = schema["properties"][section]
    for part in (reference, *reference.get("allOf", ()), *reference.get("anyOf", ())):
        if "$ref" in part:
            found = schema["$defs"][part["$ref"].rpartition("/")[2]]
            assert isinstance(found, dict)
            return found
    raise AssertionError(f"{section} refers to nothing")


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(json_schema())) == json_schema()


@pytest.mark.parametrize(("name", "model"), list(sections(Recipe)))
def test_every_option_is_in_the_schema_and_explained(name: str, model: type[BaseModel]) -> None:
    section = described(name)
    assert section["additionalProperties"] is False
    for key, field in model.model_fields.items():
        entry = section["properties"][field.alias or key]
        assert len(entry["description"]) > 20, key


@pytest.mark.parametrize(
    ("section", "key", "bound", "value"),
    [
        ("data", "val", "maximum", 0.9),
        ("train", "order", "maximum", 5),
        ("train", "grid", "minimum", 1),
        ("symbolify", "simplify_seconds", "exclusiveMinimum", 0),
    ],
)
def test_bounds_are_in_the_schema(section: str, key: str, bound: str, value: float) -> None:
    assert described(section)["properties"][key][bound] == value


def test_a_width_may_be_text_or_a_list_in_the_schema() -> None:
    kinds = {entry["type"] for entry in described("train")["properties"]["width"]["anyOf"]}
    assert kinds == {"string", "array"}
