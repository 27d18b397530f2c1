"""Two-deep chains f2(a2·f1(a1·x + b1) + b2) behind one edge."""

from __future__ import annotations

from kancli.symbolic.edge_rank import Candidate
from kancli.symbolic.edge_scale import Scaled
from kancli.symbolic.library import Function


def compositions_of(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Ranked candidates."""
    return []
