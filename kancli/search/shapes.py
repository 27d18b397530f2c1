"""The shapes that are tried, in waves from simple to rich.

A sum under one outer function, [d,1,1], holds whatever is monotone in a sum of one-variable functions: all
monomials (exp of logs), many distances and angles. Product nodes hold factors that change sign. Two or three
inner sums under a sum of functions under an outer function hold most of what is left of physics'
formulas; the paper's Kolmogorov-Arnold theorem is the wide end of that road.
"""

from __future__ import annotations


def waves(inputs: int) -> tuple[tuple[str, ...], ...]:
    """Widths to train, wave by wave; within a wave the simplest first."""
    if inputs == 1:
        return (("1,1",),)
    tails = (
        ("1", "1,1", "1p,1"),
        ("2,1,1", "3,1,1", "2p,1", "3p,1"),
        ("2,1p,1", "2,1+1p,1,1", "2+1p,1,1", "3,2,1,1", "4,2,1,1", "3,2p,1", "1+2p,2,1"),
        ("4,2p,1", "2,2p,1,1", "5,2,1,1", "5,1,1", "3,2+1p,1,1"),
    )
    return tuple(tuple(f"{inputs},{tail}" for tail in wave) for wave in tails)
