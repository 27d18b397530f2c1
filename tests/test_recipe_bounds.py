"""Recipes that are no recipes: without an end, or too large."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from time import process_time

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
    assert refusal(path) == f"{path}: is larger than 256 KiB"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_recipe_may_come_from_a_named_pipe_and_one_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    os.mkfifo(path)
    with subprocess.Popen(["sh", "-c", f"printf '{GOOD}' > '{path}'"]):
        assert read_recipe(path).data.path == "a.csv"
    with subprocess.Popen(["sh", "-c", f"yes 'a: 1' > '{path}' 2> /dev/null"]):
        assert refusal(path) == f"{path}: is larger than 256 KiB"


def aliases(levels: int, each: int) -> str:
    """Lines of which each repeats the one before so many times."""
    lines = [f"a0: &a0 [{', '.join(['x'] * each)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * each)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


DOUBLE = "a: &a {" + "x: 1, " * 4000 + "}\nb: [" + "*a, " * 4000 + "]\n"


@pytest.mark.parametrize(
    "text", [aliases(10, 10), aliases(40, 2), DOUBLE, GOOD + "fit: {lib: &a [x]}\n" + aliases(6, 10)]
)
def test_aliases_that_repeat_aliases_are_counted_and_not_written_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    began = process_time()
    place, _, complaint = refusal(path).removeprefix(f"{path}:").partition(": ")
    assert process_time() - began < 5  # written out, they would take hours
    assert complaint == "more than 20,000 keys and values, counting those of an alias each time"
    line, column = map(int, place.split(":"))
    assert text.splitlines()[line - 1][column - 1 :].startswith(("x", "[", "&a"))


def test_as_many_columns_as_fit_into_a_recipe_are_read(tmp_path: Path) -> None:
    names = [f"column number {i:05d}" for i in range(11_000)]
    path = tmp_path / "r.yaml"
    path.write_text(GOOD.replace("a.csv}", f"a.csv, inputs: [{', '.join(names)}]}}"))
    assert path.stat().st_size > LARGEST * 0.8
    assert list(read_recipe(path).data.inputs or ()) == names


@pytest.mark.parametrize("depth", [120, 400])
def test_lists_within_lists_are_refused_at_their_place(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(GOOD + "bogus: " + "[" * depth + "]" * depth)
    with pytest.raises(RecipeError, match=r":3:\d+: is nested too deeply$"):
        read_recipe(path)


def test_aliases_within_aliases_nest_as_deeply_as_what_they_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    chain = "".join(f"a{i}: &a{i} {{b: *a{i - 1}}}\n" for i in range(1, 2000))
    path.write_text(f"a0: &a0 x\n{chain}")
    with pytest.raises(RecipeError, match=r"is nested too deeply$"):
        read_recipe(path)
