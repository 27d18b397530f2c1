"""What is left to try where neither one function, nor two nested or added, reach the floor.

Kinds of form in turn, until one reaches it with a form simple enough to be believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from kancli.symbolic.edge.candidates import MANY_ROWS, candidate_of
from kancli.symbolic.edge.chains.polish import HOPELESS, Polished, polish, reduced
from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.kinds.chirps import chirps, peaks
from kancli.symbolic.edge.kinds.harmonics import harmonics
from kancli.symbolic.edge.kinds.inner_polynomials import ROWS, polynomials_inside, quotients
from kancli.symbolic.edge.kinds.polynomials import whole_polynomials
from kancli.symbolic.edge.kinds.products import DEGREE, FINE, Pairs
from kancli.symbolic.edge.ranking import EQUAL, ROUNDED, SEARCH_ON, UNDERCUT, Candidate, believed, description
from kancli.symbolic.edge.raw_units import in_raw_units
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Function

# Of one kind this many are fitted to the end.
FINISHED = 6
# Nats that making an activation plain may save.
SAVED = 40.0


def rich(
    edge: Scaled, functions: tuple[Function, ...], floor: float, *, thorough: bool = True
) -> list[Candidate]:
    """Candidates that are products and sums of chains with polynomials in them, in raw units.

    `thorough`: also waves of growing frequency, products of three, and products beside a polynomial.
    """
    names = frozenset(function.name for function in functions)
    reached = max(SEARCH_ON * floor, edge.rounding)
    found: list[Candidate] = []
    for kinds in _kinds(edge, functions, names, floor, thorough=thorough):
        for kind in kinds:
            found += finished(kind, edge, names, floor, known=found)
        if any(believed(candidate, reached, edge.rounding) for candidate in found):
            break
    return found


def rational(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Candidates that are quotients of polynomials."""
    names = frozenset(function.name for function in functions)
    if not {"x", "x^2", "x^3", "1/x"} <= names:
        return []
    return finished(quotients(subsample(edge.curve, ROWS)), edge, names, floor)


def _kinds(
    edge: Scaled, functions: tuple[Function, ...], names: frozenset[str], floor: float, *, thorough: bool
) -> Iterator[list[list[Activation]]]:
    """Activations of s and scaled y to be fitted to the end, the simpler kinds first."""
    # Polynomials are written only where the library has powers.
    powers = {"x", "x^2", "x^3"} <= names
    if powers:
        yield [whole_polynomials(edge, floor, names), polynomials_inside(edge, names)]
    pairs = Pairs(edge, functions, max(floor, ROUNDED * edge.rounding))
    if powers:
        yield [pairs.polynomial_products()]
    yield [pairs.products(), pairs.sums()]
    if thorough:
        yield [chirps(edge, names)]
        yield [pairs.mixed()]
        quadratic = [(wave.higher[0], wave.a) for wave in peaks(edge, names) if wave.higher[0] != 0.0]
        if quadratic:
            yield [Pairs(edge, functions, pairs.floor, chirps=quadratic).products()]
        yield [pairs.polynomial_products(beside=DEGREE), pairs.triple()] if powers else [pairs.triple()]
        if powers:
            yield [pairs.sums_beside(DEGREE)]
        yield [harmonics(edge, functions)]


def finished(
    activations: Sequence[Activation],
    edge: Scaled,
    names: frozenset[str],
    floor: float,
    *,
    known: Sequence[Candidate] = (),
) -> list[Candidate]:
    """The best few of the activations of s and scaled y: fitted to all rows, made plain, in raw units.

    What could not become the best of those `known`, however plain, is left out.
    """
    least = EQUAL * floor, edge.rounding, len(edge.rows)
    shortest = min((_length(one.activation, one.residual, *least) for one in known), default=np.inf)
    fine = subsample(edge.curve, FINE)
    fitted = [polish(activation, fine, steps=12) for activation in activations]
    found = []
    for one in _best(fitted, EQUAL * floor, edge.rounding, len(edge.rows)):
        if len(edge.curve.t) > 2 * MANY_ROWS:
            one = polish(one.activation, subsample(edge.curve, MANY_ROWS))
        one = polish(one.activation, edge.curve)
        if _length(one.activation, one.residual, *least) > shortest + SAVED:
            continue
        plain = reduced(one, edge.curve, EQUAL * floor, edge.rounding)
        raw = in_raw_units(plain.activation, edge, names)
        if raw is not None:
            found.append(candidate_of(raw, edge))
            found += _without_offsets(raw, edge)
    return found


def _without_offsets(raw: Activation, edge: Scaled) -> list[Candidate]:
    """The activation with the offsets of its factors at nought, if it has any: x·(log(x) + 0.01).

    Only in raw units is nought a natural value for them.
    """
    terms = tuple(
        Term(term.c, *_split([chain[:-1] if _is_offset(chain) else chain for chain in term.chains]))
        for term in raw.terms
    )
    if terms == raw.terms:
        return []
    x = edge.middle + edge.half * edge.curve.t
    fitted = polish(Activation(terms, 0.0), Curve(x, edge.curve.y, edge.curve.w, 0.0)).activation
    scaled_up = tuple(replace(term, c=term.c * edge.spread) for term in fitted.terms)
    return [candidate_of(Activation(scaled_up, edge.mean + edge.spread * fitted.d), edge)]


def _is_offset(chain: tuple[Step, ...]) -> bool:
    return len(chain) > 1 and chain[-1].is_line


def _split(
    chains: list[tuple[Step, ...]],
) -> tuple[tuple[Step, ...], tuple[tuple[Step, ...], ...]]:
    return chains[0], tuple(chains[1:])


def _length(activation: Activation, residual: float, floor: float, rounding: float, rows: int) -> float:
    """Bits to describe the curve by the activation, errors below the floor being as good as none."""
    count = len(activation.parameters())
    return description(max(residual, floor), ROUNDED * rounding, rows, count, activation.complexity)


def _best(fitted: Sequence[Polished], floor: float, rounding: float, rows: int) -> list[Polished]:
    """The simplest of those at the floor, or nearly the best; and those that describe the curve most briefly.

    The former where the floor is right and errors are smooth, the latter where they are white noise.
    """
    best = min((one.residual for one in fitted), default=np.inf)
    near = max(floor, ROUNDED * rounding, UNDERCUT * best)

    def simplest(one: Polished) -> tuple[float, float]:
        return (one.activation.complexity, 0.0) if one.residual <= near else (np.inf, one.residual)

    def briefest(one: Polished) -> float:
        return _length(one.activation, one.residual, floor, rounding, rows)

    kept = [one for one in fitted if one.residual <= HOPELESS * near]
    chosen = sorted(kept, key=simplest)[:FINISHED]
    return chosen + [one for one in sorted(kept, key=briefest)[: FINISHED // 2] if one not in chosen]
