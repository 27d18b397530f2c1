"""Intervals of predictions: what the constants of a formula leave open (delta method), and the errors of a row.

When a formula is found, the covariance of its constants is kept with it (`uncertainty`), so that a prediction needs
no table of old. A new observation lies within f ± t·√(jᵀCj + σ²·g(f)): j the derivatives of the formula by its
constants, C their covariance, σ²·g(f) the variance of the errors under their model, t Student's quantile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError
from kancli.stages.judging.uncertainty import linearised, spread

Array = NDArray[np.float64]


def band(metadata: Mapping[str, Any], x: Array, level: float) -> tuple[Array, Array]:
    """Lower and upper ends (n,) between which a share `level` of new observations lies at x (n, inputs).

    Raises UsageError where the version does not say how sure its constants are.
    """
    known = metadata.get("uncertainty")
    if not known:
        raise UsageError(
            "this version does not know the errors of its constants",
            "kan fit and kan symbolify store them, unless the rows are too few",
        )
    from scipy.special import stdtrit

    values, jacobian = linearised(metadata, x)
    errors, scale = metadata["errors"], metadata["errors"]["scale"]
    covariance = np.array(known["covariance"]).reshape(jacobian.shape[1], jacobian.shape[1])
    with np.errstate(all="ignore"):
        own = np.einsum("ni,ij,nj->n", jacobian, covariance, jacobian)
        reach = stdtrit(known["left"], (1 + level) / 2) * np.sqrt(
            own + scale**2 * spread(errors, values, known["target"])
        )
        if errors["model"] == "log":
            ends = values * np.exp(-reach / np.abs(values)), values * np.exp(reach / np.abs(values))
            return np.minimum(*ends), np.maximum(*ends)
        return values - reach, values + reach
