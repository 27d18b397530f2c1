"""One law for all groups of a table: the same form, each constant shared by the groups or of their own.

1. **Forms.** The search of `kan fit` runs on a few groups by themselves, on all rows together, and on all rows after
   an offset and a scale per group have been taken out (`sources`): first the proposers without networks, then all.
   What they propose gives forms: formulas without the values of their constants.
2. **Fit.** Each form is fitted to all groups, and its constants are shared where that shortens the description of the
   whole table (`symbolic.forms.grouped`). The cost is linear in the groups.
3. **Choice.** The shortest description wins; the verdict is the one of all formulas (`law`).

A form of the user's leaves only steps 2 and 3.
"""

from kancli.search.grouped.find import Laws, find_grouped
from kancli.symbolic.forms.grouped.sharing import Asked

__all__ = ["Asked", "Laws", "find_grouped"]
