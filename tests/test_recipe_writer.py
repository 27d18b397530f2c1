"""What is written as a recipe is read back as it was."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kancli.recipe.reader import parse_document
from kancli.recipe.writer import scalar, to_yaml

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT,
    st.sampled_from(["no", "1e-3", "null", "0x1F", "T [K]", "a: b", "- x", "x^2", "1/x", "#1", "true", "~", "a #b"]),
)  # fmt: skip
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(TEXT, SCALARS, max_size=2))
RECIPES = st.dictionaries(
    TEXT, st.one_of(VALUES, st.dictionaries(TEXT, VALUES, min_size=1, max_size=3)), min_size=1
)


@given(RECIPES)
@settings(max_examples=200, deadline=None)
def test_values_come_back_as_they_were_written(values: dict[str, object]) -> None:
    document = parse_document(to_yaml(values), "written.yaml")
    assert document.problems == []
    assert document.values == values


def test_names_that_mean_nothing_else_need_no_quotes() -> None:
    assert [scalar(name) for name in ("x1", "x^2", "data/my-table.csv", "speed of light")] == [
        "x1", "x^2", "data/my-table.csv", "speed of light",
    ]  # fmt: skip
    assert [scalar(name) for name in ("no", "T [K]", "1e-3", "null")] == ["no", '"T [K]"', '"1e-3"', '"null"']
