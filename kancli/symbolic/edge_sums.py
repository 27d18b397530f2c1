"""Edges that are a sum: polynomials, and two functions side by side."""

from __future__ import annotations

from kancli.symbolic.edge_rank import Candidate
from kancli.symbolic.edge_scale import Scaled
from kancli.symbolic.library import Function


def polynomials(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Ranked candidates."""
    return []


def sums_of_two(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Ranked candidates."""
    return []
