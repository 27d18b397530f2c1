"""What a terminal would obey or hide is shown instead."""

from __future__ import annotations

import json
import unicodedata

import yaml
from hypothesis import given
from hypothesis import strategies as st

from kancli.visible import is_visible, one_line, shortened, visible

HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(st.text(alphabet=st.one_of(st.characters(), st.characters(categories=HIDDEN))))
def test_nothing_of_what_is_shown_is_hidden_but_lines_tabs_and_joiners(text: str) -> None:
    shown = visible(text)
    rest = {character for character in shown if unicodedata.category(character) in HIDDEN}
    assert rest <= set("\n\t\u200c\u200d")
    assert visible(shown) == shown
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(alphabet=st.characters(exclude_categories=HIDDEN)))
def test_all_that_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text
    assert is_visible(text)


def test_sequences_of_a_terminal_and_signs_of_direction_are_spelt_out() -> None:
    assert visible("\x1b]0;pwned\x07x") == r"\u001b]0;pwned\u0007x"
    assert visible("\x9b31m\x7f\r") == r"\u009b31m\u007f\u000d"
    assert visible("a\u202eb\u2066\ufeff") == r"a\u202eb\u2066\ufeff"
    assert visible("\udcff \U000e0041") == r"\udcff \udb40\udc41"
    assert not is_visible("a\x1b")
    assert not is_visible("a\nb")


def test_names_in_any_script_stay_readable() -> None:
    for name in ("σ² [µm]", "می‌خواهم", "क्‍ष", "温度", "👩‍🔬", "T\u00a0(K)", "x\u0304"):
        assert visible(name) == name


@given(st.text())
def test_json_means_the_same_afterwards(text: str) -> None:
    document = json.dumps({"name": text}, ensure_ascii=False)
    assert json.loads(visible(document)) == {"name": text}


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_yaml_in_quotes_means_the_same_afterwards(text: str) -> None:
    quoted = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    assert yaml.safe_load(visible(quoted)) == text


@given(st.text(max_size=200), st.integers(min_value=8, max_value=100))
def test_a_long_line_keeps_its_beginning_and_its_end(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    if len(text) <= most:
        assert short == text
    else:
        begin, end = short.split(" … ", 1) if text.count(" … ") == 0 else (text[:1], text[-1:])
        assert text.startswith(begin)
        assert text.endswith(end)
