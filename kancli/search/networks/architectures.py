"""The shapes that are tried, in waves from simple to rich.

A sum under one outer function, [d,1,1], holds whatever is monotone in a sum of one-variable functions: all
monomials (exp of logs), many distances and angles. Product nodes hold factors that change sign. Two or three
inner sums under a sum of functions under an outer function hold most of what is left of physics'
formulas; the paper's Kolmogorov-Arnold theorem is the wide end of that road.
"""

from __future__ import annotations

from kancli.search.trained import Merge, Shape

TAILS = (
    ("1", "1,1", "1p,1"),
    ("2,1,1", "3,1,1", "2p,1", "3p,1"),
    ("2,1p,1", "2,1+1p,1,1", "2+1p,1,1", "3,2,1,1", "4,2,1,1", "3,2p,1", "1+2p,2,1"),
    ("4,2p,1", "2,2p,1,1", "5,2,1,1", "5,1,1", "3,2+1p,1,1"),
)
# Small shapes, tried one by one where the inputs are few.
FEW = 3
SMALL = ("1+1p,1", "1+1p,1,1", "2p,1,1", "1+1p,1p,1", "2,1p,1")


def waves(inputs: int) -> tuple[tuple[Shape, ...], ...]:
    """Shapes to train, wave by wave; within a wave the simplest first."""
    if inputs == 1:
        return ((Shape("1,1"),),)
    return tuple(tuple(Shape(f"{inputs},{tail}") for tail in tails_of(inputs, number)) for number in range(4))


def tails_of(inputs: int, wave: int) -> tuple[str, ...]:
    """What follows the inputs in the shapes of a wave."""
    return tuple(dict.fromkeys((*SMALL, *TAILS[1]))) if wave == 1 and inputs <= FEW else TAILS[wave]


def merged_waves(inputs: int, merge: Merge) -> tuple[tuple[Shape, ...], ...]:
    """The same above a first layer in which each group of inputs has one node and every other input its own."""
    nodes = merged_nodes(inputs, merge)
    first, second, third, _ = TAILS
    tails = (tuple(dict.fromkeys(first[1:] + SMALL + second)), third) if nodes > 1 else (("1",),)
    return tuple(tuple(Shape(f"{inputs},{nodes},{tail}", merge) for tail in some) for some in tails)


def merged_nodes(inputs: int, merge: Merge) -> int:
    """Nodes of the first hidden layer: one a group, one for each other input."""
    return inputs - sum(len(group) - 1 for group in merge)
