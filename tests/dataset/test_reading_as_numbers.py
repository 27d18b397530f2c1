"""Columns that are not plain numbers: read as what they mean, or set aside with a remark."""

from __future__ import annotations

import io

import numpy as np
import pytest

from kancli.dataset import Encoding, from_metadata, read_chunks, read_dataset
from kancli.dataset.text.encodings import encoding_of
from kancli.errors import DataError


def read(text: str, **options):
    return read_dataset("-", stream=io.BytesIO(text.encode()), **options)


def values(*cells: str, rows: int = 9, decimal_comma: bool = False) -> list[float | None]:
    encoding = encoding_of(cells, rows, decimal_comma)
    assert encoding is not None
    return [encoding.number(cell, decimal_comma) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (("2019-01", "2019-02", "2020-01"), [0, 31, 365]),
        (("2020-02-28", "2020-02-29", "2020-03-01"), [0, 1, 2]),
        (("2020-03-02 12:00", "2020-03-01 00:00:00"), [1.5, 0]),
        (("Feb. 1", "Jan. 1", "Dec 31"), [31, 0, 364]),
        (("February 29", "March 1"), [0, 1]),
        (("3 May 2001", "1 May 2001"), [2, 0]),
        (("31.12.1999", "01.01.2000"), [0, 1]),
        (("31/12/1999", "01/02/2000"), [0, 32]),
        (("12/31/1999", "01/02/2000"), [0, 2]),
    ],
)
def test_dates_become_days_since_the_earliest(cells, days):
    assert values(*cells) == days


def test_dates_that_could_be_two_are_not_guessed():
    assert encoding_of(("01/02/2000", "03/04/2000", "05/06/2000"), 9) is None


def test_clock_times_become_hours():
    assert values("08:03", "16:30:36", "11:00 pm") == pytest.approx([8.05, 16.51, 23.0])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("untreated", "treated"), [0, 1]),
        (("yes", "no"), [1, 0]),
        (("True", "false"), [1, 0]),
        (("male", "female"), [1, 0]),
    ],
)
def test_of_two_texts_the_one_that_says_no_is_zero_else_the_first(cells, expected):
    assert values(*cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1,234", "9937"), [1234, 9937]),
        (("1,234.5", "2,000.0"), [1234.5, 2000]),
        (("1,234,567", "1,000"), [1234567, 1000]),
        (("1 234", "1'234"), [1234, 1234]),
    ],
)
def test_separators_of_thousands_are_read_where_they_can_be_nothing_else(cells, expected):
    assert values(*cells) == expected


def test_a_comma_before_three_digits_in_every_cell_leaves_open_what_it_is():
    assert encoding_of(("1,234", "5,678", "9,123"), 9) is None
    with pytest.raises(DataError, match="not a number"):
        read('a,y\n"1,234",2\n"5,678",3\n"9,123",4\n', inputs=["a"], target="y")


def test_percent_signs_are_left_out():
    assert values("12%", "7.5 %") == [12, 7.5]


def test_a_row_of_units_is_no_row_of_data():
    data = read("t,T\ns,K\n0,300\n1,301\n2,303\n")
    assert data.y.tolist() == [300, 301, 303]
    assert "--unit t=s --unit T=K" in data.remarks[0]


def test_text_is_set_aside_with_the_option_that_uses_it():
    data = read("kind,a,y\n" + "".join(f"{'abc'[i % 3]},{i},{2 * i}\n" for i in range(9)))
    assert data.inputs == ("a",)
    assert data.remarks == (
        "<stdin>: kind: text, 3 values: set aside; --groups kind fits constants per kind",
    )


def test_text_that_is_asked_for_is_still_refused():
    with pytest.raises(DataError, match="not a number: 'q'"):
        read("kind,a,y\nq,1,2\nr,2,3\ns,3,5\n", inputs=["kind"])


def test_a_category_in_the_last_column_is_an_input():
    data = read("a,y,state\n1,5,on\n2,6,off\n3,8,on\n")
    assert (data.inputs, data.target) == (("a", "state"), "y")
    assert data.x[:, 1].tolist() == [1, 0, 1]
    assert "the target is y" in data.remarks[0]


@pytest.mark.parametrize("name", ["yerr", "y_error", "err_y", "sigma_y", "std_error"])
def test_errors_in_the_last_column_are_neither_target_nor_input(name):
    data = read(f"a,b,y,{name}\n1,2,3,.1\n2,5,4,.2\n3,1,5,.1\n")
    assert (data.inputs, data.target) == (("a", "b"), "y")
    assert f"--sigma {name}" in data.remarks[0]


@pytest.mark.parametrize("names", ["prey,pred,dprey", "strain,rate,sigma", "y,x,error rate"])
def test_a_last_column_that_is_no_column_of_errors_stays_the_target(names):
    assert read(f"{names}\n1,2,3\n2,5,4\n3,1,5\n").target == names.split(",")[-1]


def test_identifiers_are_set_aside_but_a_count_under_a_plain_name_is_an_input():
    assert read("id,a,y\n7,1,2\n9,2,3\n8,3,5\n").inputs == ("a",)
    assert read("n,y\n1,2\n2,3\n3,5\n").inputs == ("n",)
    assert read("id,y\n1,2\n2,3\n3,5\n").inputs == ("id",)


def test_another_table_is_read_by_the_encodings_of_the_first():
    first = read("when,on,y\n2020-01-01,yes,1\n2020-01-03,no,2\n2020-01-04,no,4\n")
    kept = from_metadata({name: one.metadata() for name, one in first.encodings.items()})
    assert kept == first.encodings
    new = b"on,when\nno,2020-02-01\nno,2020-01-02\n"
    chunks = read_chunks("-", ["when", "on"], stream=io.BytesIO(new), encodings=kept)
    np.testing.assert_array_equal(next(chunks.rows).values, [[31, 0], [1, 0]])


def test_a_text_that_the_model_does_not_know_is_named():
    kept = {"on": Encoding("category", "no", "yes")}
    chunks = read_chunks("-", ["on"], stream=io.BytesIO(b"on,a\nmaybe,1\n"), encodings=kept)
    with pytest.raises(DataError, match="'maybe'") as caught:
        next(chunks.rows)
    assert "no = 0 and yes = 1" in (caught.value.hint or "")
