"""Laws among the columns of a table, none of which is the target.

1. **Dependence.** Each column is tested against all others by permuting its rows (`dependence`): a test of known
   size. Columns that pass are independent of the others; links between two or three columns make groups.
2. **Laws.** In each group every column in turn is the target of a search among the columns that explain it (`law`);
   where one takes both signs, so is its square. Polynomials of all columns that vanish on every row are found by a
   singular value decomposition (`implicit`).
3. **Each once.** The relation that shortens the description of the table most is taken, a column that it makes
   superfluous is set aside, and the rest is searched on (`find`): where d of p columns determine the others, there
   are p − d relations.
"""

from kancli.relations.find import find_relations
from kancli.relations.value import Independence, Relation, Relations

__all__ = ["Independence", "Relation", "Relations", "find_relations"]
