"""What is noticed about a table, and what is not."""

from __future__ import annotations

import io

import numpy as np
import pytest

from kancli.dataset import Profile, choose, findings, profile
from kancli.errors import DataError

RNG = np.random.default_rng(5)


def table(**columns: object) -> Profile:
    """The profile of a table with these columns of 100 cells, read in small pieces."""
    cells = {
        name: np.broadcast_to(np.asarray(values, dtype=object), (100,)) for name, values in columns.items()
    }
    lines = [",".join(cells), *(",".join(map(str, row)) for row in zip(*cells.values(), strict=True))]
    return profile("-", stream=io.BytesIO("\n".join(lines).encode()), size=400)


def noticed(**columns: object) -> dict[str | None, str]:
    """Finding by column, the last column being the target."""
    names = list(columns)
    return {f.column: f.text for f in findings(table(**columns), names[:-1], names[-1])}


X = RNG.uniform(0.1, 1, 100).round(6)
A = RNG.uniform(0.1, 1, 100).round(6)
Y = RNG.normal(size=100).round(6)


def test_of_good_columns_nothing_is_said() -> None:
    heavy = np.exp(3 * RNG.normal(size=100)).round(9)
    assert noticed(x=X, heavy=heavy, y=Y) == {}


def test_columns_are_told_apart_by_kind_with_range_and_gaps() -> None:
    seen = table(x=X, n=np.arange(100) % 7, word=["red", "blue"] * 50, gaps=[""] * 3 + [1.5] * 97, none="")
    assert [column.kind for column in seen.columns] == ["numbers", "whole", "text", "numbers", "empty"]
    x, n, word, gaps, none = seen.columns
    assert (x.numbers.min(), x.numbers.max()) == (X.min(), X.max())
    assert (n.distinct, word.distinct, gaps.distinct) == (7, 2, 1)
    assert (gaps.missing, gaps.first_missing, none.missing) == (3, 2, 100)
    assert seen.rows == 100


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (3, "is always 3: set aside"),
        (["a", "b"] * 50, "100 of 100 cells are text, the first in line 2: 'a', 'b'"),
        (["", *A[1:]], "1 missing value, the first in line 2"),
        ([*A[:-1], "?"], "1 missing value, the first in line 101"),
        ([*A[:-1], "oops"], "1 of 100 cells are text, the first in line 101: 'oops'"),
        (range(100), "counts the rows from 0"),
        (range(1, 101), "counts the rows from 1"),
        ([1, 2, 2, 5] * 25, "takes 3 values only (1, 2, 5): a category, or a quantity?"),
        (RNG.permutation(100) * 7919 + 10**6, "whole numbers, all different: are they identifiers?"),
        ([-999, *A[1:-1], -999], "-999 (2 times) lies far from the rest: does it mean missing?"),
        ([*A[:-1], 20000], "1 value far from the rest: 20000 in line 101"),
        ("", "is empty"),
    ],
)
def test_something_odd_about_a_column_is_noticed(values: object, words: str) -> None:
    assert noticed(a=values, x=X, y=Y) == {"a": words}


def test_the_target_may_be_of_whole_numbers() -> None:
    assert noticed(x=X, y=[1, 2] * 50) == {}


def test_columns_that_say_the_same_are_noticed() -> None:
    assert noticed(a=X, b=[repr(1 - 2 * x) for x in X.tolist()], y=Y) == {"a": "is b in other units"}
    assert noticed(a=[repr(3 * y) for y in Y.tolist()], x=X, y=Y) == {"a": "is the target in other units"}


def test_rows_that_repeat_or_differ_in_the_target_only_are_counted() -> None:
    half = np.concatenate([X[:50], X[:50]])
    assert noticed(x=half, y=np.concatenate([Y[:50], Y[:50]])) == {None: "50 rows repeat an earlier one"}
    noise = 0.1 * RNG.normal(size=100)
    text = noticed(x=half, y=np.concatenate([Y[:50], Y[:50]]) + noise)[None]
    assert text is not None
    assert text.startswith("100 rows differ from others in the target only, which shows noise of 0.")
    assert float(text.split("noise of ")[1].split(" ")[0]) == pytest.approx(0.1, rel=0.3)


def test_few_rows_and_rows_of_another_length_are_noticed() -> None:
    seen = profile("-", stream=io.BytesIO(b"a,b,y\n1,2,3\n4,5\n7,8,1\n2,6,2\n"))
    texts = [f.text for f in findings(seen, ["a", "b"], "y") if f.column is None]
    assert texts[0] == "1 row with more or fewer cells than columns, the first in line 3"
    assert texts[1] == "3 rows are few for 2 inputs"


def test_a_first_choice_leaves_out_what_cannot_be_part_of_a_formula() -> None:
    chosen = choose(table(n=range(100), a=X, k=3, y=Y, who=["p", "q"] * 50))
    assert (chosen.inputs, chosen.target) == (("a",), "y")
    assert chosen.left_out == {"n": "counts the rows", "k": "is always 3", "who": "is text"}
    assert choose(table(a=X, b=X[::-1], y=Y), target="a").inputs == ("b", "y")
    assert choose(table(a=X, b=X[::-1], y=Y), inputs=["y"]).target == "b"


def test_a_table_with_one_column_of_numbers_offers_no_choice() -> None:
    with pytest.raises(DataError) as raised:
        choose(table(k=3, y=Y))
    assert raised.value.hint == "left out: k is always 3"
