"""How well a formula does on rows that no choice has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kancli.dataset import Dataset
from kancli.symbolic.expression import evaluate
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import r_squared
from kancli.symbolic.text.parser import parse


def tested(metadata: Mapping[str, Any], table: Dataset) -> dict[str, Any] | None:
    """r² and root mean square error of a version's formula on the table's test rows, weighted as they are; None where
    there is no such row, or no formula. Both are None where the formula has no value on some row."""
    test = table.test
    if test is None or metadata.get("formula") is None or metadata.get("splines_left"):
        return None
    with np.errstate(all="ignore"):
        values = evaluate(parse(str(metadata["formula"]), safe_names(table.inputs)), test.x)
        error = float(np.sqrt(np.average((values - test.y) ** 2, weights=test.weight)))
    return {
        "rows": len(test.y),
        "r2": r_squared(values, test.y, test.weight),
        "rmse": error if np.isfinite(error) else None,
        "source": None if test.source == table.source else test.source,
    }
