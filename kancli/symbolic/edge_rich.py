"""What is left to try where neither one function, nor two nested or added, reach the floor."""

from __future__ import annotations

from kancli.symbolic.activation import Activation
from kancli.symbolic.edge_candidates import candidate_of
from kancli.symbolic.edge_inner import polynomials_inside
from kancli.symbolic.edge_polish import polish, reduced
from kancli.symbolic.edge_products import products
from kancli.symbolic.edge_rank import EQUAL, Candidate
from kancli.symbolic.edge_raw import in_raw_units
from kancli.symbolic.edge_scale import Scaled
from kancli.symbolic.library import Function


def rich(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Candidates that are products and sums of chains with polynomials in them, in raw units."""
    names = frozenset(function.name for function in functions)
    found = finished(polynomials_inside(edge, names), edge, names, floor)
    return found + finished(products(edge, functions, floor), edge, names, floor)


def finished(
    activations: list[Activation], edge: Scaled, names: frozenset[str], floor: float
) -> list[Candidate]:
    """Activations of s and scaled y polished on all rows, made plain, in raw units."""
    found = []
    for activation in activations:
        fitted = polish(activation, edge.curve)
        plain = reduced(fitted, edge.curve, EQUAL * floor, edge.rounding)
        raw = in_raw_units(plain.activation, edge, names)
        if raw is not None:
            found.append(candidate_of(raw, edge))
    return found
