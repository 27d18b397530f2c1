"""The elementary functions, one entry each: everything that the rest of the program knows about sin or log."""

from kancli.symbolic.elementary.entry import TINY, Array, Elementary, Traits, Written, called
from kancli.symbolic.elementary.table import FUNCTIONS

__all__ = ["FUNCTIONS", "TINY", "Array", "Elementary", "Traits", "Written", "called"]
