"""A unit's text → its dimension, as exponents of the seven SI base units, and its size in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

_BASES = ("length", "mass", "time", "current", "temperature", "substance", "luminosity")
_SYMBOLS = ("m", "kg", "s", "A", "K", "mol", "cd")
# How the base units are written side by side: kg*m^2/s^2, not m^2*kg/s^2.
_WRITTEN = (1, 0, 2, 3, 4, 5, 6)
# m2, s-1 and s^-1 of tables, where pint needs s**-1.
_BARE_POWER = re.compile(r"(?<![\w.^*])([^\W\d_]+)(-?\d+)(?![\w.])")
_ONE = frozenset({"", "1", "-", "dimensionless", "none"})


class UnitError(ValueError):
    """A text that is not a unit."""


@dataclass(frozen=True)
class Dimension:
    """Exponents (7,) of m, kg, s, A, K, mol and cd; a plain number has none."""

    exponents: tuple[Fraction, ...] = (Fraction(0),) * 7

    def __add__(self, other: Dimension) -> Dimension:
        """The dimension of a product."""
        return Dimension(tuple(a + b for a, b in zip(self.exponents, other.exponents, strict=True)))

    def __sub__(self, other: Dimension) -> Dimension:
        """The dimension of a quotient."""
        return self + other * Fraction(-1)

    def __mul__(self, factor: Fraction) -> Dimension:
        """The dimension of a power."""
        return Dimension(tuple(a * factor for a in self.exponents))

    def __bool__(self) -> bool:
        return any(self.exponents)

    def __str__(self) -> str:
        """In base units: kg*m/s^2; 1 for a number."""
        over: list[str] = []
        under: list[str] = []
        for index in _WRITTEN:
            exponent = self.exponents[index]
            if exponent:
                (over if exponent > 0 else under).append(_power(_SYMBOLS[index], abs(exponent)))
        below = f"({'*'.join(under)})" if len(under) > 1 else "".join(under)
        return ("*".join(over) or "1") + (f"/{below}" if under else "")


def _power(symbol: str, exponent: Fraction) -> str:
    if exponent == 1:
        return symbol
    if exponent.denominator > 1000:  # a fitted exponent
        return f"{symbol}^{float(exponent):.4g}"
    return f"{symbol}^{exponent}" if exponent.denominator == 1 else f"{symbol}^({exponent})"


NUMBER = Dimension()


@dataclass(frozen=True)
class Unit:
    """`factor`: how many base units one is; `ratio`: whether zero means none of it, as not in °C."""

    text: str
    dimension: Dimension
    factor: float
    ratio: bool


@cache
def parse_unit(text: str) -> Unit:
    """`kg/(m*s^2)`, `N`, `km/h`, `m s-1`, `µm`, `1`. Raises UnitError."""
    if text.strip().lower() in _ONE:
        return Unit(text, NUMBER, 1.0, ratio=True)
    if text.strip().endswith("."):  # a.u., arb., no.
        raise UnitError(f"{text!r} is not a unit")
    written = _BARE_POWER.sub(r"\1**\2", text.strip().replace("^", "**").replace("−", "-"))
    registry = _registry()
    try:
        unit = registry.parse_units(written)
        found = dict(registry.get_dimensionality(unit))
        quantity = registry.Quantity(1, unit)
        ratio = bool(quantity._is_multiplicative)
        factor = float(quantity.to_base_units().magnitude) if ratio else 1.0
    except Exception as problem:  # pint raises whatever its parser stumbles over
        raise UnitError(f"{text!r} is not a unit") from problem
    unknown = set(found) - {f"[{base}]" for base in _BASES}
    if unknown:
        raise UnitError(f"{text!r} is not a physical unit")
    exponents = tuple(Fraction(found.get(f"[{base}]", 0)).limit_denominator(60) for base in _BASES)
    return Unit(text, Dimension(exponents), factor, ratio)


@cache
def _registry() -> Any:
    """pint's units, with the names in physics tables to which pint gives another meaning."""
    import pint

    registry: Any = pint.UnitRegistry(cache_folder=None)
    for definition in ("solar_mass = 1.98841e30 * kilogram = Msun = M_sun", "AU = astronomical_unit"):
        registry.define(definition)
    return registry
