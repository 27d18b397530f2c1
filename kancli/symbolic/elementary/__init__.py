"""The elementary functions, one entry each: all facts about sin or log that the rest of the program uses."""

from kancli.symbolic.elementary.entry import TINY, Array, Elementary, Traits, Written, called
from kancli.symbolic.elementary.table import FUNCTIONS

__all__ = ["FUNCTIONS", "TINY", "Array", "Elementary", "Traits", "Written", "called"]
