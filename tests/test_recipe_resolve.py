"""Flag over recipe over default, and where a relative data path belongs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from kancli.errors import RecipeError, UsageError
from kancli.recipe import Recipe, load, read_recipe, resolve
from kancli.recipe.reader import parse_document

TEXT = "seed: 3\ndata: {path: a.csv}\ntrain: {width: [2, 5, 1], grid: 7, steps: 9}\n"


def test_a_flag_wins_over_the_recipe_which_wins_over_the_default() -> None:
    recipe = resolve(parse_document(TEXT, "r.yaml"), {("train", "grid"): 11, ("seed",): 4})
    assert (recipe.seed, recipe.train.grid, recipe.train.steps, recipe.train.order) == (4, 11, 9, 3)


def test_an_earlier_run_lies_below_the_recipe_file() -> None:
    base = {"seed": 1, "data": {"path": "b.csv", "val": 0.5}, "train": {"width": "2,1", "order": 2}}
    recipe = resolve(parse_document(TEXT, "r.yaml"), {}, base=base)
    assert (recipe.seed, recipe.data.path, recipe.data.validation) == (3, "a.csv", 0.5)
    assert (recipe.train.width, recipe.train.order) == ("2,5,1", 2)


def test_a_wrong_flag_is_a_usage_error_that_names_it() -> None:
    with pytest.raises(UsageError, match="--grid 0: must be at least 1, not 0"):
        resolve(parse_document(TEXT, "r.yaml"), {("train", "grid"): 0})


def test_a_wrong_recipe_under_a_right_flag_is_still_a_recipe_error() -> None:
    with pytest.raises(RecipeError, match=r"r\.yaml:3:33"):
        resolve(parse_document(TEXT.replace("7", "0"), "r.yaml"), {("train", "order"): 2})


def test_without_a_recipe_file_whatever_is_missing_is_named_as_a_flag() -> None:
    with pytest.raises(UsageError, match="DATA is missing; --width is missing"):
        resolve(None, {}, names={("data", "path"): "DATA"})


def test_the_data_path_is_relative_to_the_recipe_and_else_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "r.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    assert read_recipe("sub/r.yaml").data.path == "a.csv"
    (tmp_path / "sub" / "a.csv").write_text("")
    assert read_recipe("sub/r.yaml").data.path == "sub/a.csv"


def test_loading_does_not_check() -> None:
    with pytest.raises(RecipeError):
        load("nowhere.yaml")


def test_a_recipe_cannot_be_changed_afterwards() -> None:
    recipe = resolve(parse_document(TEXT, "r.yaml"), {})
    with pytest.raises(ValidationError):
        recipe.seed = 1  # type: ignore[misc]


def test_a_recipe_survives_being_written_and_read_again() -> None:
    recipe = resolve(parse_document(TEXT, "r.yaml"), {("symbolify", "fix"): {"0,1,0": "sin"}})
    assert Recipe.model_validate(recipe.model_dump(mode="json", by_alias=True)) == recipe


@pytest.mark.parametrize("stages", [[], ["prune"], ["train", "train"], ["train", "polish"]])
def test_stages_that_cannot_follow_each_other_are_refused(stages: list[str]) -> None:
    with pytest.raises(UsageError, match="--stages"):
        resolve(parse_document(TEXT, "r.yaml"), {("stages",): stages})


def test_grids_must_get_finer() -> None:
    with pytest.raises(UsageError, match="finer"):
        resolve(parse_document(TEXT, "r.yaml"), {("refine", "grid"): "20,10"})


def test_an_edge_is_written_layer_from_to() -> None:
    with pytest.raises(UsageError, match="is not an edge"):
        resolve(parse_document(TEXT, "r.yaml"), {("symbolify", "fix"): {"0,1": "sin"}})
