"""Units of columns: what is one, and where it stands."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kancli.errors import UsageError
from kancli.units import NUMBER, UnitError, parse_unit, read_units


@pytest.mark.parametrize(
    ("text", "base", "factor"),
    [
        ("K", "K", 1.0),
        ("kg/(m*s^2)", "kg/(m*s^2)", 1.0),
        ("Pa", "kg/(m*s^2)", 1.0),
        ("N", "kg*m/s^2", 1.0),
        ("kg m^-1 s^-2", "kg/(m*s^2)", 1.0),
        ("m s-1", "m/s", 1.0),
        ("m2", "m^2", 1.0),
        ("m·s⁻²", "m/s^2", 1.0),
        ("km/h", "m/s", 1 / 3.6),
        ("µm", "m", 1e-6),
        ("mV", "kg*m^2/(s^3*A)", 1e-3),
        ("eV", "kg*m^2/s^2", 1.602176634e-19),
        ("AU", "m", 149597870700.0),
        ("Hz^(1/2)", "1/s^(1/2)", 1.0),
        ("1", "1", 1.0),
        ("rad", "1", 1.0),
        ("%", "1", 0.01),
    ],
)
def test_a_unit_is_exponents_of_base_units_and_a_size(text: str, base: str, factor: float) -> None:
    unit = parse_unit(text)
    assert str(unit.dimension) == base
    assert unit.factor == pytest.approx(factor)
    assert unit.ratio


def test_celsius_has_no_zero_of_its_own() -> None:
    assert str(parse_unit("°C").dimension) == "K"
    assert not parse_unit("degC").ratio


@pytest.mark.parametrize(
    "text", ["max", "position", "a.u.", "$", "2 +", "x y z", "(", "__import__('os')", "bit/"]
)
def test_other_words_are_none(text: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(text)


def test_dimensions_multiply_and_divide() -> None:
    metre, second = parse_unit("m").dimension, parse_unit("s").dimension
    assert metre - second * Fraction(2) == parse_unit("m/s^2").dimension
    assert metre - metre == NUMBER
    assert not metre - metre


def test_headers_say_units_and_a_section_overrules_them() -> None:
    columns = ["T [K]", "v (m/s)", "x (max)", "theta", "E [N]"]
    found = read_units(columns, {})
    assert {name: unit.text for name, unit in found.units.items()} == {
        "T [K]": "K", "v (m/s)": "m/s", "E [N]": "N",
    }  # fmt: skip
    assert not found.given
    found = read_units(columns, {"E": "J", "theta": "1", "T_K": "mK", "v (m/s)": "km/s"})
    assert {name: unit.text for name, unit in found.units.items()} == {
        "T [K]": "mK", "v (m/s)": "km/s", "E [N]": "J", "theta": "1",
    }  # fmt: skip
    assert found.given


def test_a_text_that_is_no_unit_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as caught:
        read_units(["theta"], {"theta": "kq"})
    assert caught.value.message == "units: theta: 'kq' is not a unit"


def test_a_key_that_is_no_column_is_remarked_on() -> None:
    found = read_units(["theta"], {"teta": "1", "x": "m"})
    assert found.remarks == (
        "units: teta is not a column in use; did you mean theta?", "units: x is not a column in use",
    )  # fmt: skip
