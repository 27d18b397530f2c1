"""Recipes that are no recipes: without an end, or too large."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kancli.errors import RecipeError
from kancli.recipe import read_recipe
from kancli.recipe.reader import LARGEST

GOOD = "data: {path: a.csv}\ntrain: {width: [2, 5, 1]}\n"


def refusal(path: Path) -> str:
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value.message


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_no_recipe() -> None:
    assert refusal(Path("/dev/zero")) == "/dev/zero: is a device, not a file"


def test_a_file_too_large_for_a_recipe_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    comment = "#" * (LARGEST - len(GOOD) - 1) + "\n"
    path.write_text(comment + GOOD)
    assert read_recipe(path).data.path == "a.csv"
    path.write_text(comment + GOOD + "#")
    assert refusal(path) == f"{path}: holds more than 256 KiB"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_recipe_may_come_from_a_named_pipe_and_one_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    os.mkfifo(path)
    with subprocess.Popen(["sh", "-c", f"printf '{GOOD}' > '{path}'"]):
        assert read_recipe(path).data.path == "a.csv"
    with subprocess.Popen(["sh", "-c", f"yes 'a: 1' > '{path}' 2> /dev/null"]):
        assert refusal(path) == f"{path}: holds more than 256 KiB"
