"""Units of the columns speak against formulas that do not add up, or are remarked on."""

from __future__ import annotations

import numpy as np
import pytest
from searching import formula

from kancli.checkpoint import Checkpoint
from kancli.dataset import from_memory
from kancli.errors import UsageError
from kancli.recipe import FitOptions
from kancli.search.choice.units import Soundness, soundness

X = np.random.default_rng(0).uniform(1, 3, (30, 2))
TABLE = from_memory({"s [m]": X[:, 0], "t [s]": X[:, 1], "v [m/s]": X[:, 0] / X[:, 1]})[0]
BARE = from_memory({"s": X[:, 0], "t": X[:, 1], "v": X[:, 0] / X[:, 1]})[0]
SECTION = {"s": "km", "t": "h", "v": "m/s"}
NEVER = {"s": "kg"}


def sound(units: str | None = None, section: dict[str, str] | None = None, table=TABLE) -> Soundness:  # type: ignore[no-untyped-def]
    return soundness(table, section or {}, FitOptions(units=units))


def wrong(table=TABLE, text: str | None = None):  # type: ignore[no-untyped-def]
    """Metres over seconds squared, where metres per second are meant."""
    s, t = ("s", "t") if table is BARE else ("s_m", "t_s")
    return formula(text or f"{s}/{t}**2", table, 5, 0.1)


def right(table=TABLE):  # type: ignore[no-untyped-def]
    return wrong(table, "s/t" if table is BARE else "s_m/t_s")


def test_a_formula_that_adds_up_has_no_violation_and_one_that_does_not_has() -> None:
    assert sound().violations(right()) == ()
    assert sound().violations(wrong()) != ()


def test_units_count_against_a_formula_where_they_were_given_or_are_to_be_checked() -> None:
    assert sound("check").faults(wrong()) == sound("check").violations(wrong())
    assert sound(section={"t [s]": "s"}).faults(wrong()) != ()
    # Units that stand in headers only, and that nobody speaks of, are remarked on.
    assert sound().faults(wrong()) == ()
    assert sound().violations(wrong()) != ()


def test_a_section_gives_units_to_columns_without_any() -> None:
    assert sound(table=BARE).violations(wrong(BARE)) == ()
    assert sound(section=SECTION, table=BARE).violations(wrong(BARE)) != ()
    assert sound(section=SECTION, table=BARE).violations(right(BARE)) == ()
    assert sound(section={**SECTION, **NEVER}, table=BARE).violations(right(BARE)) != ()


def test_ignored_units_say_nothing_even_where_they_are_given() -> None:
    assert sound("ignore", SECTION).violations(wrong()) == ()


def test_what_is_no_unit_is_an_error() -> None:
    with pytest.raises(UsageError):
        sound(section={"t [s]": "no such unit"})


def test_a_version_gets_one_remark_on_a_formula_that_does_not_add_up() -> None:
    one = sound()
    version = Checkpoint("symbolify", {}, {"remarks": ["first"]})
    assert one.remarked(version, right()) is version
    once = one.remarked(version, wrong())
    first, remark = once.metadata["remarks"]
    assert first == "first"
    assert remark.startswith("units:")
    assert all(fault in remark for fault in one.violations(wrong()))
    assert one.remarked(once, wrong()) is once
    assert version.metadata["remarks"] == ["first"]
