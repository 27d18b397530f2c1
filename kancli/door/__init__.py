"""The Python door: `from kancli import fit, load`. Values in, values out; prints nothing, writes where told to."""

from kancli.door.fitted import Fitted, Member, load
from kancli.door.fitting import fit

__all__ = ["Fitted", "Member", "fit", "load"]
