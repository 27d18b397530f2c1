"""The Python interface: `from kancli import fit, load`. It prints nothing and writes only files that `save` names."""

from kancli.door.fitted import Fitted, Member, load
from kancli.door.fitting import fit

__all__ = ["Fitted", "Member", "fit", "load"]
