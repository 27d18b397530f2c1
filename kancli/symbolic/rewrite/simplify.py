"""The shortest way to write a formula, under a time limit that holds.

Our own rewriting first: it takes milliseconds. Then sympy's, in a child process that ends when it has used its
processor time: sympy can neither be told to stop nor be trusted to. What the child has found by then counts. It is
processor time, not time on the wall, so that a busy machine finds the same.
Every candidate must agree with the expression on the data before it is considered.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import (
    Call,
    Expression,
    Product,
    Sum,
    Variable,
    complexity,
    constants,
    substitute,
    variables,
    walk,
    with_leaves,
)
from kancli.symbolic.rewrite.canonical import canonical_with, ordered
from kancli.symbolic.rewrite.gather import bases, gathered, together
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.text.parser import ParseError, parse
from kancli.symbolic.text.printer import fraction, render
from kancli.work import add

# Relative to the spread of the values: a rewriting moves nothing but the last digits.
_AGREEMENT = 1e-10
# With less processor time than this, in seconds, a child is not worth starting.
_LEAST = 1.0
# A child that has not ended after so many times its processor time is killed.
_PATIENCE = 20.0
# Units of work that a child counts for.
_CHILD = 0.5
_WORTH_A_CHILD = 8
# Our rules still shorten what sympy writes, but not to less than half.
_LONGER = 2


def simplify(
    expression: Expression,
    x: NDArray[np.float64],
    seconds: float = 5.0,
) -> Expression:
    """The expression in its shortest known form that has the same values on the rows of x (n, d).

    sympy gets so many `seconds` of processor time; fewer than one leave it out. Free constants keep their places as
    constants: none is added, and what is exact stays exact.
    """
    signs = Signs(x)
    reference = evaluate(expression, x)
    best = expression
    for candidate in _candidates(expression, signs, seconds):
        if _rank(candidate) < _rank(best) and agrees(evaluate(candidate, x), reference):
            best = candidate
    return ordered(best)


def _rank(expression: Expression) -> tuple[int, int]:
    return len(constants(expression)), complexity(expression)


def agrees(values: NDArray[np.float64], reference: NDArray[np.float64]) -> bool:
    """Whether two evaluations differ by rounding only, nowhere undefined where the reference is not."""
    fine = np.isfinite(reference)
    if not np.all(np.isfinite(values[fine])):
        return False
    if not fine.any():
        return True
    size = float(np.std(reference[fine])) or float(np.max(np.abs(reference[fine]))) or 1.0
    rounding = 64 * np.finfo(np.float64).eps * float(np.max(np.abs(reference[fine])))
    return bool(np.max(np.abs(values[fine] - reference[fine])) <= _AGREEMENT * size + rounding)


def _candidates(expression: Expression, signs: Signs, seconds: float) -> Iterator[Expression]:
    own = canonical_with(expression, signs)
    yield from (own, gathered(own), gathered(expression))
    joined = canonical_with(together(own), signs)
    # One denominator for many terms only pays where most of it cancels.
    if complexity(joined) <= 2 * complexity(own):
        yield from (joined, gathered(joined))
    if not _worth_a_child(own) or seconds < _LEAST:
        return
    for rewritten in _by_sympy(own, signs, seconds):
        settled = canonical_with(rewritten, signs)
        yield from (rewritten, settled, gathered(settled), gathered(rewritten))


def _worth_a_child(expression: Expression) -> bool:
    """Whether sympy could find what our own rules do not: something to expand, factor, cancel or combine."""
    if complexity(expression) < _WORTH_A_CHILD:
        return False
    nodes = list(walk(expression))
    calls = {node for node in nodes if isinstance(node, Call)}
    hyperbolic = len({node.argument for node in calls}) < len(calls)
    several_logs = sum(node.function == "log" for node in calls) > 1
    entangled = any(_entangled(node) for node in nodes if isinstance(node, Sum))
    return hyperbolic or several_logs or entangled or any(_may_cancel(node) for node in nodes)


def _may_cancel(node: Expression) -> bool:
    """Whether sums over and under a fraction line have variables in common."""
    over, under = fraction(node) if isinstance(node, Product) else ([], [])
    above = {index for part in over if _has_sum(part) for index in variables(part)}
    below = {index for part in under if _has_sum(part) for index in variables(part)}
    return bool(above & below)


def _has_sum(node: Expression) -> bool:
    return any(isinstance(part, Sum) for part in walk(node))


def _entangled(node: Sum) -> bool:
    """Whether terms could cancel or merge: two share a factor, two are fractions, or a sum lies within one."""
    powers = [set(bases(term)) for term in node.terms]
    fractions = sum(any(exponent < 0 for exponent in bases(term).values()) for term in node.terms)
    for index, term in enumerate(node.terms):
        nested = _has_sum(term)
        for other in range(len(node.terms)):
            if other == index:
                continue
            if powers[index] & powers[other]:
                return True
            if nested and set(variables(term)) & set(variables(node.terms[other])):
                return True
    exponentials = sum(isinstance(part, Call) and part.function == "exp" for part in walk(node))
    return fractions > 1 or exponentials > 0


# -- sympy, in a child -----------------------------------------------------------------------------


def _by_sympy(expression: Expression, signs: Signs, seconds: float) -> Iterator[Expression]:
    """Forms that sympy finds in the time given, the cheapest rewriting first."""
    free = constants(expression)
    inputs = 1 + max((node.index for node in walk(expression) if isinstance(node, Variable)), default=-1)
    # A free constant travels as a symbol with its sign: sympy must not touch the digits of a float.
    stand_ins = [Variable(inputs + position) for position in range(len(free))]
    names = [f"x{index}" for index in range(inputs)] + [f"c{index}" for index in range(len(free))]
    text = render(with_leaves(expression, stand_ins), names)
    facts = [str(signs.of(Variable(index))) for index in range(inputs)]
    facts += [str(1 if constant.value > 0 else -1 if constant.value < 0 else 0) for constant in free]
    back: dict[Expression, Expression] = dict(zip(stand_ins, free, strict=True))
    for line in _child_lines([text, ",".join(names), ",".join(facts)], seconds):
        if len(line) > _LONGER * len(text):
            continue
        try:
            yield substitute(parse(line, names), back)
        except ParseError:
            continue


def _child_lines(request: list[str], seconds: float) -> list[str]:
    """What the child printed until it ended or its time was over; nothing where it cannot be started."""
    command = [sys.executable, "-m", "kancli.symbolic.rewrite.sympy_child", str(os.getpid()), str(seconds)]
    add(_CHILD)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    except OSError:
        return []
    with child:
        try:
            output, _ = child.communicate("\n".join(request) + "\n", _PATIENCE * seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            output, _ = child.communicate()
        except BaseException:
            child.kill()  # an interrupt must not wait for sympy
            raise
    return output.splitlines()
