"""`kan functions` says about each function what the library does with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kit import Kan

from kancli.cli.commands.functions import domain
from kancli.symbolic.library.functions import ALL, BUILTIN, Function

POINTS = np.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0])


@pytest.mark.parametrize("function", ALL.values(), ids=lambda f: f.name)
def test_the_domain_shown_is_where_the_values_are_numbers(function: Function) -> None:
    with np.errstate(all="ignore"):
        finite = np.isfinite(function.value(POINTS, -0.5))
    condition = (
        domain(function)
        .replace("all u", "True")
        .replace("-1 <= u <= 1", "abs(u) <= 1")
        .replace("-1 < u < 1", "abs(u) < 1")
    )
    shown = [bool(eval(condition, {"u": u, "cos": np.cos, "e": np.e})) for u in POINTS]
    assert finite.tolist() == shown


def test_each_function_is_listed_with_its_other_spellings(kan: Kan) -> None:
    listed = {f["name"]: f for f in json.loads(kan("functions", "--json").out)["functions"]}
    assert set(listed) == set(ALL)
    assert {name for name, f in listed.items() if f["tried"] == "always"} == set(BUILTIN)
    assert listed["log"] == {
        "name": "log", "formula": "log(u)", "complexity": 2, "domain": "u > 0", "tried": "always",
        "aliases": ["ln"],
    }  # fmt: skip


def test_the_table_has_a_row_for_each_function(kan: Kan) -> None:
    done = kan("functions")
    assert done.code == 0, done.err
    assert {line.split("\t")[0] for line in done.out.splitlines()[1:]} == set(ALL)


def test_a_choice_and_a_function_of_ones_own_are_shown_as_fit_would_use_them(kan: Kan) -> None:
    done = kan("functions", "--lib", "ln,square", "--functions", "decay=exp(-u)/u")
    names = [line.split("\t")[0] for line in done.out.splitlines()[1:]]
    assert names[0] == "x"
    assert set(names) == {"x", "log", "x^2", "decay"}


def test_an_unknown_function_is_a_usage_error(kan: Kan) -> None:
    done = kan("functions", "--lib", "sine")
    assert done.code == 2
    assert "sine" in done.err
