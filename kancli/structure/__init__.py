"""What a table, or a model, says about the law behind it without a formula.

A polynomial of all inputs, of the degree that describes the target most briefly, is compared with smaller models: one
without an input, sums and products of functions of fewer inputs, functions of a combination of two (`claims`). A
smaller model is claimed where its description is shorter and what it leaves is noise to all inputs; signs of slopes
and curvatures where they are beyond their standard errors (`shape`). Nothing is claimed of a target that no input
explains.
"""

from kancli.structure.find import find_structure
from kancli.structure.value import Claim, Influence, Structure

__all__ = ["Claim", "Influence", "Structure", "find_structure"]
