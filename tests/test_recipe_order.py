"""Recipes arranged for reading."""

from __future__ import annotations

from kancli.recipe import Recipe
from kancli.recipe.order import arranged


def test_keys_come_in_the_order_of_the_models_and_without_those_that_say_nothing() -> None:
    recipe = Recipe.model_validate(
        {"data": {"target": "y", "path": "a.csv"}, "fit": {"grid": 4}, "stages": ["fit"], "seed": 0}
    )
    dumped = recipe.model_dump(mode="json", by_alias=True)
    scrambled = {key: dumped[key] for key in ("stages", "fit", "data", "seed")}
    scrambled["data"] = dict(sorted(scrambled["data"].items(), reverse=True))
    result = arranged(scrambled)
    assert list(result) == ["seed", "data", "fit", "stages"]
    assert list(result["data"]) == ["path", "target", "val", "drop_missing"]
    assert result["seed"] == 0
    assert Recipe.model_validate(result) == recipe
