"""Tables in dimensionless numbers."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.errors import UsageError
from kancli.symbolic.expression import evaluate
from kancli.units import NUMBER, parse_unit
from kancli.units.check import check
from kancli.units.groups import Groups, dimensionless

RNG = np.random.default_rng(0)


def groups(columns: dict[str, str], target: tuple[str, str], x: np.ndarray | None = None) -> Groups:
    x = RNG.uniform(1, 5, (50, len(columns))) if x is None else x
    units = [parse_unit(text) for text in columns.values()]
    return dimensionless(list(columns), units, target[0], parse_unit(target[1]), x)


LAWS = [
    ({"L": "m", "g": "m/s^2"}, ("T", "s"), (), "T/(sqrt(L)/sqrt(g))"),
    ({"m0": "kg", "v": "m/s", "c": "km/s"}, ("m", "kg"), ("v/c",), None),
    ({"L": "m", "g": "m/s^2", "theta": "1"}, ("T", "s"), ("theta",), "T/(sqrt(L)/sqrt(g))"),
    ({"rho": "kg/m^3", "v": "m/s", "d": "m", "mu": "Pa*s"}, ("F", "N"), ("Re",), None),
    ({"q1": "C", "q2": "C", "eps": "F/m", "r": "m"}, ("F", "N"), ("q",), None),
    ({"a": "1", "b": "1"}, ("y", "1"), ("a", "b"), "y"),
]


@pytest.mark.parametrize(("columns", "target", "names", "scaled"), LAWS)
def test_groups_are_numbers_as_many_as_buckingham_says(
    columns: dict[str, str], target: tuple[str, str], names: tuple[str, ...], scaled: str | None
) -> None:
    found = groups(columns, target)
    assert len(found.groups) == len(names)
    if scaled is not None:
        assert (found.names, found.target) == (names, scaled)
    by_index = {i: parse_unit(text).dimension for i, text in enumerate(columns.values())}
    for group in found.groups:
        assert check(group, by_index, NUMBER) == []
    assert check(found.scale, by_index, parse_unit(target[1]).dimension) == []


@pytest.mark.parametrize(("columns", "target", "names", "scaled"), LAWS)
def test_groups_are_the_same_numbers_in_any_units(
    columns: dict[str, str], target: tuple[str, str], names: object, scaled: object
) -> None:
    x = RNG.uniform(1, 5, (50, len(columns)))
    other = {name: f"km*({text})/m" for name, text in columns.items()}  # a thousandth of the number
    one = groups(columns, target, x)
    two = groups({n: f"({other[n]})" for n in columns}, (target[0], f"km*({target[1]})/m"), x / 1000)
    np.testing.assert_allclose(one.values(x), two.values(x / 1000), rtol=1e-12)
    np.testing.assert_allclose(evaluate(one.scale, x), 1000 * evaluate(two.scale, x / 1000), rtol=1e-12)


def test_a_group_is_written_without_the_long_tail() -> None:
    x = np.column_stack([RNG.uniform(0.1, 9, 200), RNG.uniform(10, 20, 200)])
    assert groups({"v": "m/s", "c": "m/s"}, ("y", "1"), x).names == ("v/c",)
    assert groups({"c": "m/s", "v": "m/s"}, ("y", "1"), x[:, ::-1]).names == ("v/c",)


def test_a_column_that_changes_sign_keeps_it() -> None:
    x = np.column_stack([RNG.uniform(-3, 3, 50), RNG.uniform(1, 2, (50, 2))])
    found = groups({"v": "m/s", "g": "m/s^2", "h": "m"}, ("y", "m"), x)
    assert len(np.unique(np.sign(found.values(x)))) == 2


def test_zeros_are_not_divided_by() -> None:
    x = np.column_stack([np.arange(50.0), RNG.uniform(1, 2, 50)])
    found = groups({"a": "m", "b": "m"}, ("y", "m"), x)
    assert found.names == ("a/b",)
    assert np.isfinite(found.values(x)).all()


@pytest.mark.parametrize(
    ("columns", "target", "message"),
    [
        ({"x": "m"}, ("y", "s"), "no product of powers"),
        ({"T": "degC", "x": "m"}, ("y", "m"), "no zero of its own"),
    ],
)
def test_what_units_do_not_allow_is_a_usage_error(
    columns: dict[str, str], target: tuple[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        groups(columns, target)
