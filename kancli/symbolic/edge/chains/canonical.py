"""A solved chain in its one canonical writing, in raw units.

The size of a moves out of powers and logarithms, b out of exp; a > 0 where a symmetry allows it; phases
lie within a quarter turn, sin and cos, arcsin and arccos whichever is simpler.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kancli.symbolic.edge.chains.problems import PER_STEP, Problems
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Function

# A factor exp(b) moves into c only while it stays far from overflow.
LARGEST_EXPONENT = 300.0


def activation_of(
    batch: Problems, row: int, *, zero: float, half: float, c: float, d: float, names: frozenset[str]
) -> Activation:
    """Problem `row` as an Activation: c·chain + d, its innermost argument (x - `zero`) / `half`.

    `names` are the functions that may be written (for the choice between sin and cos).
    """
    steps = []
    for level in range(batch.chain.shape[1]):
        a, b, p = batch.theta[row, PER_STEP * level : PER_STEP * (level + 1)]
        steps.append((batch.functions[batch.chain[row, level]], float(a), float(b), float(p)))
    function, a, b, p = steps[0]
    steps[0] = (function, a / half, b - a / half * zero, p)
    return Activation((canonical_term(c, steps, names, d_shift := [d]),), d_shift[0])


def canonical_term(
    c: float, steps: Sequence[tuple[Function, float, float, float]], names: frozenset[str], d: list[float]
) -> Term:
    """c·chain with redundant numbers moved outwards; what belongs to the constant is added to d[0]."""
    written: list[Step] = []
    # v = gain·f(u) + offset enters the next step (at last c and d) in place of f(u).
    gain, offset = 1.0, 0.0
    for level, (function, a, b, p) in enumerate(steps):
        a, b = a * gain, a * offset + b
        last = level == len(steps) - 1
        step, gain, offset = canonical_step(function, a, b, p, names)
        if last and step.function in ("arcsin", "arccos") and {"arcsin", "arccos"} <= names:
            step, gain, offset = _simpler_arc(step, gain, offset, c, d[0])
        written.append(step)
    d[0] += c * offset
    return Term(c * gain, tuple(written))


def canonical_step(
    function: Function, a: float, b: float, p: float, names: frozenset[str]
) -> tuple[Step, float, float]:
    """(step, gain, offset) with f(a·u + b) = gain·step(u) + offset."""
    name = function.name
    exponent = p if function.has_exponent else None
    degree = p if function.has_exponent else function.degree
    if function.is_line:
        return Step("x", 1.0, 0.0), a, b
    if degree is not None and function.scale == "fixed":
        return Step(name, 1.0, b / a), math.copysign(abs(a) ** degree, a if degree % 2 else 1.0), 0.0
    if degree is not None:
        return Step(name, math.copysign(1.0, a), b / abs(a), exponent), abs(a) ** degree, 0.0
    if name == "log":
        return Step(name, math.copysign(1.0, a), b / abs(a)), 1.0, math.log(abs(a))
    if function.at_zero == "jump" and not function.parity:
        # A step is 1/2 and half the sign: turned round it is what is missing to 1.
        return Step(name, 1.0, b / a), math.copysign(1.0, a), float(a < 0.0)
    if function.is_broken:
        # |u| grows with the size of a, the step does not; an odd function turns with its sign.
        size = abs(a) if function.at_zero == "kink" else 1.0
        return Step(name, 1.0, b / a), math.copysign(size, a) if function.parity < 0 else size, 0.0
    if name == "exp":
        if abs(b) > LARGEST_EXPONENT:
            return Step(name, a, b), 1.0, 0.0
        return Step(name, a, 0.0), math.exp(b), 0.0
    gain, offset = 1.0, 0.0
    if a < 0.0 and function.parity:
        a, b, gain = -a, -b, float(function.parity)
    elif a < 0.0 and name == "arccos":
        a, b, gain, offset = -a, -b, -1.0, math.pi
    if function.wave is not None:
        return *_wave(function.wave, a, b, gain, names), offset
    if function.period is not None:
        b = math.remainder(b, function.period)
    return Step(name, a, b, None, function.definition), gain, offset


def _wave(wave: int, a: float, b: float, gain: float, names: frozenset[str]) -> tuple[Step, float]:
    """A wave as sin or cos with a phase of at most an eighth turn where both may be written, else a quarter.

    `wave` is 0 for sin(a·u + b) and 1 for cos(a·u + b): the quarter turns that it is ahead of the sine.
    """

    def wrap(phase: float) -> tuple[float, float]:
        turns = round(phase / math.pi)
        return phase - turns * math.pi, -1.0 if turns % 2 else 1.0

    phase = b + wave * math.pi / 2
    as_sin, sine_sign = wrap(phase)
    as_cos, cosine_sign = wrap(phase - math.pi / 2)
    if wave == 0 and b == 0.0:
        as_sin = 0.0
    if wave == 1 and b == 0.0:
        as_cos, cosine_sign = 0.0, 1.0
    if {"sin", "cos"} <= names:
        wave = 0 if abs(as_sin) <= abs(as_cos) else 1
    if wave == 0:
        return Step("sin", a, as_sin), gain * sine_sign
    return Step("cos", a, as_cos), gain * cosine_sign


def _simpler_arc(step: Step, gain: float, offset: float, c: float, d: float) -> tuple[Step, float, float]:
    """arcsin(u) = π/2 − arccos(u): the one that leaves the smaller constant."""
    other = Step("arccos" if step.function == "arcsin" else "arcsin", step.a, step.b)
    shifted = offset + gain * math.pi / 2
    if abs(d + c * shifted) < 0.5 * abs(d + c * offset):
        return other, -gain, shifted
    return step, gain, offset
