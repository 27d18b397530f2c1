"""The shapes that are tried, in waves from simple to rich.

A sum under one outer function, [d,1,1], holds whatever is monotone in a sum of one-variable functions: all
monomials (exp of logs), many distances and angles. Product nodes hold factors that change sign. Two or three
inner sums under a sum of functions under an outer function hold most of what is left of physics'
formulas; the paper's Kolmogorov-Arnold theorem is the wide end of that road.
"""

from __future__ import annotations


def waves(inputs: int) -> tuple[tuple[str, ...], ...]:
    """Widths to train, wave by wave; within a wave the simplest first."""
    d = inputs
    if d == 1:
        return (("1,1",),)
    first = (f"{d},1", f"{d},1,1", f"{d},1p,1")
    second = (f"{d},2,1,1", f"{d},3,1,1", f"{d},2p,1", f"{d},3p,1")
    third = (f"{d},2,1p,1", f"{d},2+1p,1,1", f"{d},1+2p,2,1", f"{d},4,2,1,1", f"{d},5,1,1")
    return first, second, third
