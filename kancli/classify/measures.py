"""How good predicted probabilities of classes are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

# A probability of 0 that happens would cost infinitely much.
LEAST = 1e-15
# Groups of equally many rows in which predicted and observed shares are compared.
GROUPS = 10


def probabilities(log_odds: Array) -> Array:
    """P (n, K) from the log-odds (n, K − 1) of each class beyond the first."""
    every = np.column_stack([np.zeros(len(log_odds)), log_odds])
    raised = np.exp(every - every.max(axis=1, keepdims=True))
    found: Array = raised / raised.sum(axis=1, keepdims=True)
    return found


def log_loss(p: Array, codes: Codes) -> float:
    """The mean of −ln P of what happened, in nats."""
    return float(-np.mean(np.log(np.maximum(p[np.arange(len(codes)), codes], LEAST))))


def auc(score: Array, positive: NDArray[np.bool_]) -> float | None:
    """The chance that a positive row has a higher score than another one (Mann & Whitney 1947); ties count half."""
    above, below = int(positive.sum()), int((~positive).sum())
    if not (above and below):
        return None
    _, where, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[where]
    return float((ranks[positive].sum() - above * (above + 1) / 2) / (above * below))


def mean_auc(p: Array, codes: Codes) -> float | None:
    """That of the second of two classes; of more, the mean over each class against all others."""
    if p.shape[1] == 2:
        return auc(p[:, 1], codes == 1)
    each = [value for k in range(p.shape[1]) if (value := auc(p[:, k], codes == k)) is not None]
    return sum(each) / len(each) if each else None


def confusion(p: Array, codes: Codes) -> list[list[int]]:
    """How many rows of each class (rows) are predicted as each class (columns)."""
    table = np.zeros((p.shape[1], p.shape[1]), dtype=int)
    np.add.at(table, (codes, p.argmax(axis=1)), 1)
    return [[int(count) for count in row] for row in table]


def calibration(p: Array, codes: Codes) -> list[dict[str, float]]:
    """Mean predicted probability and observed share in groups of equally many rows, of all classes but the first."""
    predicted = p[:, 1:].ravel()
    happened = (codes[:, None] == np.arange(1, p.shape[1])).ravel()
    order = np.argsort(predicted, kind="stable")
    return [
        {
            "predicted": float(predicted[rows].mean()),
            "observed": float(happened[rows].mean()),
            "rows": len(rows),
        }
        for rows in np.array_split(order, min(GROUPS, len(order)))
    ]


def calibration_error(groups: Sequence[dict[str, float]]) -> float:
    """The mean distance of predicted and observed shares."""
    rows = sum(group["rows"] for group in groups)
    return sum(group["rows"] * abs(group["predicted"] - group["observed"]) for group in groups) / rows


def measures(p: Array, codes: Codes) -> dict[str, Any]:
    """accuracy, log_loss (nats), auc, confusion, calibration and its error."""
    groups = calibration(p, codes)
    return {
        "accuracy": float(np.mean(p.argmax(axis=1) == codes)),
        "log_loss": log_loss(p, codes),
        "auc": mean_auc(p, codes),
        "confusion": confusion(p, codes),
        "calibration": groups,
        "calibration_error": calibration_error(groups),
    }


def bits(p: Array, codes: Codes) -> float:
    """The labels' length in bits under these probabilities."""
    return log_loss(p, codes) * len(codes) / math.log(2)
