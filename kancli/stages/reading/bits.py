"""The description length of a finished formula, its errors and the rounding of its data included."""

from __future__ import annotations

import math

import numpy as np

from kancli.dataset import Dataset
from kancli.stages.rounding import hidden_variance
from kancli.symbolic.constants.length import exact_bits, nodes_of
from kancli.symbolic.description import carried, described, resolved, written_bits
from kancli.symbolic.formula import Formula


def final_bits(formula: Formula, dataset: Dataset) -> float:
    """Description length of a finished formula; exact constants cost what they take to write.

    Infinite where it has no value on some row, or the rows do not carry its constants.
    """
    rows, expression = len(dataset.y), formula.expression
    if formula.rmse is None or not carried(rows, len(formula.constant_bits)):
        return math.inf
    nodes, exact = nodes_of(expression), exact_bits(expression)
    if formula.errors is not None:
        return formula.errors.bits + written_bits(formula.constant_bits, exact, nodes)
    spread = float(dataset.y.std()) or 1.0
    hidden = float(np.average(hidden_variance(expression, dataset), weights=dataset.weight))
    mse = resolved(formula.rmse / spread) + hidden / spread**2
    return described(mse, rows, formula.constant_bits, exact, nodes)
