"""Probabilities of the classes by the formulas of a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.classify.measures import probabilities
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.text.parser import parse

Array = NDArray[np.float64]


def by_formulas(metadata: Mapping[str, Any]) -> Callable[[Array], Array]:
    """Inputs (n, d) → P (n, K), nan where a formula has no value."""
    names = safe_names(metadata["inputs"])
    several = [parse(str(entry["formula"]), names) for entry in metadata["classification"]["formulas"]]

    def predict(x: Array) -> Array:
        eta = np.column_stack([np.broadcast_to(evaluate(one, x), len(x)) for one in several])
        return probabilities(eta)

    return predict
