"""A recipe with mistakes: all of them at once, each with its place and what to write instead."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kancli.errors import RecipeError
from kancli.recipe import Recipe, read_recipe
from kancli.recipe.reader import parse_document

GOOD = "data: {path: a.csv}\ntrain: {width: [2, 5, 1]}\n"


def complaints(folder: Path, text: str) -> list[str]:
    """The lines of the error, without the file's name."""
    path = folder / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    lines = caught.value.message.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_every_mistake_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
version: 1
data:
  path: a.csv
  val: 2
train:
  width: [2]
  gird: 5
  optimizer: lbfs
  move_grid: yes
refine:
  grid: [10, a]
  lamb: 3
bogus: 3
"""
    assert complaints(tmp_path, text) == [
        "4:8: data.val: must be at most 0.9, not 2",
        "6:10: train.width: needs at least an input and an output layer; "
        "write it like 2,5,1 or, with two product nodes, 4,3+2p,1",
        "7:3: train.gird: unknown key; did you mean grid?",
        "8:14: train.optimizer: must be one of lm, lbfgs, adam, not 'lbfs'; did you mean lbfgs?",
        "9:14: train.move_grid: must be true or false, not 'yes'",
        "11:14: refine.grid[1]: must be a whole number, not 'a'",
        "12:3: refine.lamb: unknown key; it belongs to train:",
        f"13:1: bogus: unknown key; known are {', '.join(Recipe.model_fields)}",
    ]


def test_a_key_that_occurs_twice_is_refused_at_its_second_place(tmp_path: Path) -> None:
    text = GOOD + "refine:\n  grid: 10\n  steps: 3\n  grid: 20\n"
    assert complaints(tmp_path, text) == ["6:3: refine.grid: occurs twice, first on line 4"]


def test_missing_keys_are_named(tmp_path: Path) -> None:
    assert complaints(tmp_path, "version: 1\ntrain:\n  grid: 5\n") == [
        "1:1: data.path: is missing",
        "2:1: train.width: is missing",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("- a\n- b\n", "1:1: must be sections"),
        ("data: [1\ntrain: 2", "is not YAML"),
        ("a: b: c", "1:5: is not YAML"),
        ("\tdata: x", "is not YAML"),
        ("a: 1\n---\nb: 2\n", "2:1: is not YAML"),
        (
            "data: !!python/object/apply:os.system [ls]\n",
            "tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("data: &a [*a]\n", "refers to itself"),
        ("[1, 2]: 3\n", "1:1: a key must be plain text"),
        ("data: 5\ntrain: {width: [1, 1]}\n", "must be a section"),
        ("a: \x01", "character"),
        ("[" * 3000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    assert any(complaint in line for line in complaints(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"data: \xff\xfe")
    with pytest.raises(RecipeError, match="not UTF-8 text"):
        read_recipe(path)


def test_a_missing_file_is_a_recipe_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="No such file") as caught:
        read_recipe(tmp_path / "nowhere.yaml")
    assert caught.value.hint


def test_a_word_that_yaml_1_1_takes_for_a_boolean_is_a_column_name(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("data: {path: a.csv, target: no, inputs: [y, on]}\ntrain: {width: [2, 1], lamb: 1e-3}\n")
    recipe = read_recipe(path)
    assert (recipe.data.target, recipe.data.inputs, recipe.train.lamb) == ("no", ("y", "on"), 1e-3)


def test_a_number_where_text_belongs_is_told_to_be_quoted(tmp_path: Path) -> None:
    text = "data: {path: a.csv, target: 2}\ntrain: {width: [1, 1]}\n"
    assert complaints(tmp_path, text) == ['1:29: data.target: must be text, not 2; put it in quotes: "2"']


def test_a_quoted_number_is_no_number(tmp_path: Path) -> None:
    text = GOOD + 'prune: {steps: "5"}\n'
    assert complaints(tmp_path, text) == ["3:16: prune.steps: must be a whole number, not '5'"]


def test_a_heading_with_nothing_under_it_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(GOOD + "prune:\n")
    assert read_recipe(path).prune.steps == 15


def test_an_alias_repeats_its_anchor(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("data: {path: a.csv}\ntrain: {width: [1, 1], steps: &n 7}\nprune: {steps: *n}\n")
    assert read_recipe(path).prune.steps == 7


edges = st.tuples(*[st.integers(0, 99)] * 3).map(lambda edge: ",".join(map(str, edge)))


@given(st.dictionaries(edges, st.sampled_from(["sin", "exp"]), max_size=4))
def test_edges_written_as_plain_keys_arrive_as_text(fixed: dict[str, str]) -> None:
    lines = "".join(f"  {edge}: {function}\n" for edge, function in fixed.items())
    document = parse_document(f"fix:\n{lines}" if fixed else "fix: {}\n", "r.yaml")
    assert document.values == {"fix": fixed}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    with suppress(RecipeError):
        parse_document(text, "r.yaml")
