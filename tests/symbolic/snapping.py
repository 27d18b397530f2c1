"""Shared by the tests of the moves by which constants become exact: where a search stands, and what a move costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from expressions import NAMES

from kancli.symbolic.constants.refit import refit
from kancli.symbolic.constants.situation import Move, Situation
from kancli.symbolic.description import error_bits
from kancli.symbolic.expression import Expression, constants, evaluate, with_constants
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render

ROWS = 300
X = np.random.default_rng(0).uniform(1, 3, (ROWS, 3))


def fitted(text: str, noise: float, seed: int = 1) -> tuple[Situation, np.ndarray]:
    """The situation of a formula, in which numbers with a point are free, fitted to its own values and some noise;
    and the target."""
    expression = parse(text, NAMES)
    y = evaluate(expression, X)
    y = y + noise * y.std() * np.random.default_rng(seed).normal(size=ROWS)
    found = refit(expression, X, y)
    mse = max(found.sse / ROWS, (1e-13 * float(y.std())) ** 2)
    theta = np.array([constant.value for constant in constants(found.expression)])
    return Situation(found.expression, theta, found.inverse_gram, mse, ROWS), y


def paid(move: Move, now: Situation, y: np.ndarray) -> tuple[float, float]:
    """Bits of error that a move costs after the other constants have been fitted: as it promised, and really."""
    trial = refit(move.build(move.start), X, y)
    promised = move.gain - move.eagerness
    return promised, error_bits(trial.sse / ROWS, ROWS) - error_bits(now.mse, ROWS)


def texts(moves: Sequence[Move]) -> list[str]:
    """What the moves write, with six digits of what is free."""
    return [render(rounded(move.build(move.start)), NAMES) for move in moves]


def rounded(expression: Expression) -> Expression:
    return with_constants(expression, [float(f"{c.value:.6g}") for c in constants(expression)])
