"""Units of the columns: read, checked in formulas, and taken out of a table altogether (Buckingham π).

The units come from pint, which is imported when the first one is read, as it takes half a second.
"""

from kancli.units.check import check
from kancli.units.columns import ColumnUnits, read_units
from kancli.units.dimension import NUMBER, Dimension, Unit, UnitError, parse_unit

__all__ = ["NUMBER", "ColumnUnits", "Dimension", "Unit", "UnitError", "check", "parse_unit", "read_units"]
