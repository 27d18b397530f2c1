"""How `kan fit` finds a formula.

1. **Form.** A form given by the user leaves only its constants to fit (`form`); with units the search is one among
   dimensionless numbers (`inputs.dimensionless`).
2. **Sample.** Of many rows two thousand are searched, and all fit the constants in the end (`inputs.sample`).
3. **Quotients.** What follows a quotient of polynomials of the inputs, or a function of one, to rounding, is found by
   a singular value decomposition (`quotients`).
4. **Factors.** Products of powers of elementary expressions, and exponentials, are linear in log|y|: a sparse
   regression finds them in a fraction of a second (`factors`).
5. **Additive models.** Sums of functions of inputs, and of combinations of two, are linear problems when the
   functions are splines; where the error falls on finer grids, they are read like those of a network (`additive`).
6. **Plain forms.** A plane, a polynomial of few terms and the classics of one input are fitted directly (`plain`):
   from then on there is a formula, and what the search finds has to beat it.
7. **Powers.** Sums of products of powers, and roots of them, are fitted directly (`powers`): no network, a second.
8. **Sums of products.** Beside a polynomial, products of functions of single inputs are chosen one by one from the
   library, many starts at once (`lowrank`): laws without noise only.
9. **Networks.** In each round a wave of architectures is trained, the simplest first (`networks.architectures`,
   `networks.train`). A network that can hold the law converges on finer grids; others do not.
10. **Fewer inputs.** What the best network does not depend on is left out (`inputs.relevance`); a product of powers
   that alone determines the target replaces all inputs (`inputs.neighbours`); inputs that enter only together, as the
   slopes of the networks show, are combined (`inputs.combine`) or share a node (`networks.groups`). Each is a smaller
   task, searched in the same way, whose formulas are written back (`inputs.back`).
11. **Rows that mislead.** Where the errors are relative, or a few rows are far off, the table is searched once more
   with weights, or without those rows (`rows`).
12. **Reading.** Networks that converge are pruned and refined (`networks.slim`), and their splines replaced by
   elementary functions (`networks.read`): a first look at each, a thorough one at the most promising.
13. **Enough.** After each batch of candidates the ledger judges by description length: the search stops when the best
   formula leaves only rounding or noise and is plain, was found in two ways, or nothing better has come for a while
   (`ledger`). When three quarters of the time are over, what comes nearest is read (`NearestNetworks`).
14. **Choice.** The best formulas are fitted under each model of the errors, all make one front, and the shortest
   description is taken unless the user prefers otherwise; formulas whose units do not add up come last (`choice`).
   A verdict says what the formula is, and how sure that is.

Steps 2 to 12 are *proposers* (`proposer`): each proposes candidates or smaller tasks, one unit of work per round, and
`schedule` runs them. A new idea is one file and one line in `schedule.PROPOSERS`.
"""

from kancli.search.ledger import Ledger
from kancli.search.schedule import PROPOSERS, find_formula
from kancli.search.task import Budget, Task

__all__ = ["PROPOSERS", "Budget", "Ledger", "Task", "find_formula"]
