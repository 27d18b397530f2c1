"""Several given forms beside each other, each with its constants: the table of a call with more than one --like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kancli.dataset import Dataset
from kancli.search.candidate import Candidate
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import Bound, read_form


def compared(candidates: Sequence[Candidate], table: Dataset, chosen: str) -> list[dict[str, Any]]:
    """An entry per form, the shortest description first; `chosen` is the formula that was taken.

    `r2_press` is that of each row by constants fitted to the others, to first order (Allen, Technometrics 16, 1974);
    `aicc` has the size of the errors as one more constant (Hurvich & Tsai, Biometrika 76, 1989).
    """
    return [
        {
            "form": candidate.base.metadata["form"],
            "formula": candidate.formula.text,
            "chosen": candidate.formula.text == chosen,
            "r2": candidate.formula.r2,
            "r2_press": press(candidate, table),
            "aicc": aicc(candidate, table),
            "bits": candidate.bits if math.isfinite(candidate.bits) else None,
            "constants": list(candidate.base.metadata["parameters"]),
        }
        for candidate in sorted(candidates, key=lambda c: c.bits)
    ]


def press(candidate: Candidate, table: Dataset) -> float | None:
    """1 less the share of the target's variance that rows leave when they are predicted from the others."""
    facts = candidate.base.metadata
    form = read_form(facts["form"], safe_names(table.inputs))
    theta = np.array([parameter["value"] for parameter in facts["parameters"]])
    weight = np.ones(len(table.y)) if table.weight is None else table.weight
    with np.errstate(all="ignore"):
        values, jacobian = Bound.of(form, table.x).value_and_jacobian(theta)
        rows = jacobian * np.sqrt(weight)[:, None]
        scale = np.sqrt(np.einsum("ij,ij->j", rows, rows))
        if not (np.isfinite(scale).all() and (scale > 0).all()):
            return None
        leverage = np.einsum("ij,ij->i", *(2 * [np.linalg.qr(rows / scale)[0]]))
        left = (table.y - values) / (1 - np.minimum(leverage, 1.0))
        total = weight @ (table.y - np.average(table.y, weights=weight)) ** 2
        found = float(1 - weight @ left**2 / total) if total > 0 else math.nan
    return found if math.isfinite(found) else None


def aicc(candidate: Candidate, table: Dataset) -> float | None:
    """Akaike's criterion, corrected for few rows; None where they are too few for it."""
    rows, free = len(table.y), candidate.formula.free + 1
    error = candidate.formula.rmse
    if error is None or not error > 0 or rows - free - 1 <= 0:
        return None
    return 2 * rows * math.log(error) + 2 * free + 2 * free * (free + 1) / (rows - free - 1)
