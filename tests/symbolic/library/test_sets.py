"""Names that stand for several functions, and which special functions are tried beside which library."""

from __future__ import annotations

import pytest

from kancli.errors import UsageError
from kancli.symbolic.library.functions import ALL, BUILTIN, SETS, functions_meant, library, special_functions


def names(functions: object) -> set[str]:
    return {function.name for function in functions}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", SETS)
def test_a_set_adds_known_functions_to_the_library(name: str) -> None:
    assert names(library([name])) == {*BUILTIN, *SETS[name]} <= set(ALL)


def test_a_set_may_stand_beside_functions_and_be_excluded() -> None:
    assert "erfc" in names(library(["default", "erfc"]))
    assert names(library(["special"], ["physics"])) == {*BUILTIN, *SETS["special"]} - set(SETS["physics"])
    with pytest.raises(UsageError, match="physic"):
        library(["physic"])


def test_special_functions_are_tried_beside_the_whole_library_only() -> None:
    assert {"besselj0", "gamma"} <= names(special_functions(library()))
    assert special_functions(library(["x", "sin", "exp"])) == ()


def test_those_that_are_excluded_or_there_already_are_not_tried() -> None:
    excluded = functions_meant(["tan", "j0", "biology"])
    tried = names(special_functions(library(None, ["tan", "j0", "biology"]), excluded))
    assert "besselj1" in tried
    assert not tried & {"besselj0", *SETS["biology"]}
    assert special_functions(library(["special"])) == ()
