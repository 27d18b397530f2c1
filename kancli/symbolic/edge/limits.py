"""Is a fit only a limit of its function, in which it imitates a simpler one?

sin(0.01·x) is a line or a parabola, tanh far out is exp, a power with a distant pole is a straight line.
Such a fit is as good as what it imitates and says nothing more. An offset of exactly 0 is no limit: the
function was held there and fits all the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kancli.symbolic.library.activation import Activation, Step
from kancli.symbolic.library.functions import Array

# Over a smaller range of its argument, the third term of a function's series is below 1e-4 of the second.
NARROW = 0.06
# A pole or branch point this many ranges away bends the curve by less than a hundredth.
DISTANT = 60.0
LARGEST_EXPONENT = 12.0
SMALLEST_EXPONENT = 0.01
# Steeper than this between neighbouring rows, a bend is a step.
STEEPEST = 20.0
# Terms this many times larger than their sum are the difference of nearly equal curves.
CANCELLING = 8.0


def is_limit(activation: Activation, x: Array) -> bool:
    """Is the range of any step of the activation so small or so remote that it is another function there?

    Or are two terms the difference of nearly equal curves: the derivative of a function, in disguise?
    """
    with np.errstate(all="ignore"):
        for term in activation.terms:
            for chain in term.chains:
                u = x
                for step in chain:
                    if _step_is_limit(step, step.argument(u)):
                        return True
                    u = step.value(u)
        return _cancels(activation, x)


def _cancels(activation: Activation, x: Array) -> bool:
    """Do terms of the same functions, not powers, cancel but for a small part."""
    names = [term.name for term in activation.terms if not term.is_polynomial]
    if len(set(names)) == len(names):
        return False
    parts = [replace(activation, terms=(term,), d=0.0).evaluate(x) for term in activation.terms]
    largest = max(float(np.std(part)) for part in parts)
    return largest > CANCELLING * float(np.std(activation.evaluate(x)))


def _step_is_limit(step: Step, u: Array) -> bool:
    function = step.of
    if function.is_straight:
        return False
    low, high = float(np.min(u)), float(np.max(u))
    span = high - low
    nearest = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    exponent = step.exponent
    if exponent is not None and not SMALLEST_EXPONENT < abs(exponent) < LARGEST_EXPONENT:
        return True
    # Powers and logarithms look alike at every scale: only the distance of their bend counts.
    if function.scale != "free":
        return step.b != 0.0 and nearest > DISTANT * span
    if span < NARROW or nearest > function.remote:
        return True
    if function.saturates:
        return bool(np.max(np.abs(np.diff(u))) > STEEPEST and span > STEEPEST * len(u) ** 0.5)
    return False
