"""From an activation of scaled x and y to the same one in raw units, each chain in its canonical writing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.polynomial import Polynomial

from kancli.symbolic.edge.chains.canonical import LARGEST_EXPONENT, canonical_step, canonical_term
from kancli.symbolic.edge.scaling import Scaled
from kancli.symbolic.library.activation import Activation, Step, Term

# An offset this much smaller than what it is added to is what rounding left of none.
NEGLIGIBLE = 1e-9


def in_raw_units(activation: Activation, edge: Scaled, names: frozenset[str]) -> Activation | None:
    """`activation` of s = (x - origin)/half, scaled y; None where a constant leaves the range of floats.

    `names` are the functions that may be written (for the choice between sin and cos).
    """
    d = [edge.mean + edge.spread * activation.d]
    terms = []
    with np.errstate(all="ignore"):
        try:
            for term in activation.terms:
                chains = [_moved(chain, edge) for chain in term.chains]
                c = term.c * edge.spread
                if len(chains) == 1:
                    terms.append(_alone(c, chains[0], names, d))
                else:
                    terms.append(_product(c, chains, names))
        except (OverflowError, ZeroDivisionError, ValueError):
            return None
    terms.sort(key=lambda term: term.complexity)
    raw = Activation(tuple(terms), d[0])
    return raw if np.isfinite(raw.parameters()).all() else None


def _moved(chain: tuple[Step, ...], edge: Scaled) -> tuple[Step, ...]:
    """The chain with the argument of its first step as a polynomial of x instead of s."""
    first = chain[0]
    polynomial = Polynomial([q / edge.half**k for k, q in enumerate((first.b, first.a, *first.higher))])
    if edge.origin != 0.0:
        polynomial = polynomial(Polynomial([-edge.origin, 1.0]))
    b, a, *higher = (float(value) for value in polynomial.coef)
    return (replace(first, a=a, b=b, higher=tuple(higher)), *chain[1:])


def _alone(c: float, chain: tuple[Step, ...], names: frozenset[str], d: list[float]) -> Term:
    """The only chain of a term: what is redundant in it goes into c and d."""
    if not chain[0].higher:
        steps = [(step.of, step.a, step.b, step.exponent or 1.0) for step in chain]
        return canonical_term(c, steps, names, d)
    if len(chain) > 1:
        return Term(c, chain)
    step, gain, offset = _polynomial_step(chain[0], names)
    if step.is_line:
        d[0] += c * gain * step.b
        step = replace(step, b=0.0)
    d[0] += c * offset
    return Term(c * gain, (step,))


def _product(c: float, chains: list[tuple[Step, ...]], names: frozenset[str]) -> Term:
    """Chains that are multiplied: only factors can move out of each, an offset stays as a last step "x"."""
    written = []
    for chain in chains:
        offset = 0.0
        while len(chain) > 1 and chain[-1].is_line:
            c, offset, chain = c * chain[-1].a, (offset + chain[-1].b) / chain[-1].a, chain[:-1]
        gain = 1.0
        if len(chain) == 1:
            step, gain, shift = _polynomial_step(chain[0], names)
            chain, shift = (step,), shift + offset
        elif not chain[0].higher:
            d = [offset]
            steps = [(step.of, step.a, step.b, step.exponent or 1.0) for step in chain]
            term = canonical_term(1.0, steps, names, d)
            gain, shift, chain = term.c, d[0], term.steps
        else:
            shift = offset
        c *= gain
        if abs(shift) > NEGLIGIBLE * abs(gain):
            chain = (*chain, Step("x", 1.0, shift / gain))
        written.append(chain)
    written.sort(key=lambda chain: sum(step.complexity for step in chain))
    return Term(c, written[0], tuple(written[1:]))


def _polynomial_step(step: Step, names: frozenset[str]) -> tuple[Step, float, float]:
    """(other, gain, offset) with step(u) = gain·other(u) + offset, `other` canonical."""
    coefficients = (step.a, *step.higher)
    lead = next(q for q in reversed(coefficients) if q != 0.0)
    degree = step.exponent if step.of.has_exponent else step.of.degree
    if step.is_line:
        return _divided(step, lead), lead, 0.0
    if not any(step.higher):
        return canonical_step(step.of, step.a, step.b, step.exponent or 1.0, names)
    if degree is not None and step.of.scale == "fixed":
        return _divided(step, lead), math.copysign(abs(lead) ** degree, lead if degree % 2 else 1.0), 0.0
    if degree is not None:
        return _divided(step, abs(lead)), abs(lead) ** degree, 0.0
    if step.function == "log":
        return _divided(step, abs(lead)), 1.0, math.log(abs(lead))
    if step.function == "exp" and abs(step.b) < LARGEST_EXPONENT:
        return replace(step, b=0.0), math.exp(step.b), 0.0
    gain, b = 1.0, step.b
    if lead < 0.0 and step.of.parity:
        coefficients, b, gain = tuple(-q for q in coefficients), -b, float(step.of.parity)
    name = step.function
    if step.of.wave is not None:
        wave, turned, _ = canonical_step(step.of, 1.0, b, 1.0, names)
        name, b, gain = wave.function, wave.b, gain * turned
    return replace(step, function=name, a=coefficients[0], b=b, higher=tuple(coefficients[1:])), gain, 0.0


def _divided(step: Step, by: float) -> Step:
    """The step with its argument divided, the leading coefficient exactly 1 or -1 where `by` is its size."""
    higher = [q / by for q in step.higher]
    while higher and higher[-1] == 0.0:
        higher.pop()
    a = step.a / by
    if higher:
        higher[-1] = float(round(higher[-1]))
    else:
        a = float(round(a))
    return replace(step, a=a, b=step.b / by, higher=tuple(higher))
