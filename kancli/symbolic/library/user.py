"""A user's function: its text, read by the safe parser, as elementwise value and derivative."""

from __future__ import annotations

from typing import cast

import numpy as np

from kancli.errors import UsageError
from kancli.symbolic.elementary import Array
from kancli.symbolic.library.function import Elementwise, Slope

VARIABLES = ("u", "x")
# What the heads of the text weigh when a function is simple enough to be worth a name.
LEAST_COMPLEXITY = 4
MOST_COMPLEXITY = 8
HINT = "write it in one variable, u or x, such as langevin: 1/tanh(x) - 1/x"


def compile_text(name: str, text: str) -> tuple[Elementwise, Slope, int]:
    """Value, derivative and complexity of the function that `text` describes in u or x.

    Raises UsageError when the text cannot be read, or does not depend on its variable.
    """
    from kancli.symbolic.expression import (
        Constant,
        Sum,
        Variable,
        complexity,
        constants,
        evaluate,
        substitute,
        value_and_jacobian,
        variables,
    )
    from kancli.symbolic.text.parser import ParseError, parse

    try:
        expression = parse(text, VARIABLES)
    except ParseError as error:
        raise UsageError(f"function {name!r}: {error}", HINT) from error
    used = variables(expression)
    if len(used) != 1:
        raise UsageError(f"function {name!r} must depend on one variable: {text!r}", HINT)
    expression = substitute(expression, {Variable(used[0]): Variable(0)})
    # The derivative by u is the sum of those by a shift added wherever u stands.
    marker = Constant(0.0)
    shifted = substitute(expression, {Variable(0): Sum((Variable(0), marker))})
    shifts = [k for k, constant in enumerate(constants(shifted)) if constant is marker]

    def value(u: Array, p: Array | float = 1.0, /) -> Array:
        with np.errstate(all="ignore"):
            return evaluate(expression, np.asarray(u, dtype=np.float64).reshape(-1, 1)).reshape(np.shape(u))

    def derivative(u: Array, v: Array, p: Array | float = 1.0, /) -> Array:
        with np.errstate(all="ignore"):
            _values, jacobian = value_and_jacobian(shifted, np.asarray(u, dtype=np.float64).reshape(-1, 1))
        return cast(Array, jacobian[:, shifts].sum(axis=1).reshape(np.shape(u)))

    weight = min(max(complexity(expression), LEAST_COMPLEXITY), MOST_COMPLEXITY)
    return value, derivative, weight
