"""Units: places that differ, and shards that are all."""

from __future__ import annotations

import pytest

from kancli.errors import UsageError
from kancli.many.unit import share_of, units_of

LABELS = [("w1",), ("W1",), ("a/b",), ("a-b",), ("",), ("../x",)]


def test_groups_with_similar_names_have_places_that_no_file_system_confuses() -> None:
    places = [unit.place for unit in units_of(["well"], LABELS, ["y"])]
    assert places[0] == "w1"
    assert len({place.lower() for place in places}) == len(LABELS)
    assert not any("/" in place or place.startswith(".") for place in places)


def test_shards_share_out_all_units_and_none_twice() -> None:
    units = units_of(["well"], LABELS, ["y", "z"])
    shared = [unit for index in (1, 2, 3, 4, 5) for unit in share_of(units, f"{index}/5")]
    assert sorted(shared, key=units.index) == list(units)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b"])
def test_a_shard_that_is_none_is_refused(shard: str) -> None:
    with pytest.raises(UsageError, match="I/N"):
        share_of((), shard)
