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

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.symbolic.errors.model import LEAST_COUNT, LEAST_RELATIVE
from kancli.symbolic.expression import value_and_jacobian
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.forms.form import Bound, read_form
from kancli.symbolic.text.parser import parse

Array = NDArray[np.float64]


def uncertainty(metadata: Mapping[str, Any], table: Dataset) -> dict[str, Any] | None:
    """Facts to keep beside a formula with its errors: `covariance` of its constants, `left` degrees of freedom, and
    the sizes of the target that its errors depend on. None where they cannot be known."""
    errors = metadata.get("errors")
    if not errors or errors.get("scale") is None or errors["model"] == "mixed":
        return None
    values, jacobian = linearised(metadata, table.x)
    size = {"rms": float(np.sqrt(np.mean(table.y**2))), "median": float(np.median(np.abs(table.y)))}
    with np.errstate(all="ignore"):
        root = np.sqrt(
            spread(errors["model"], values, size) / (1.0 if table.weight is None else table.weight)
        )
        rows = jacobian / root[:, None]
        scale = np.sqrt(np.einsum("ij,ij->j", rows, rows))
        if len(table.y) <= rows.shape[1] or not (np.isfinite(scale).all() and (scale > 0).all()):
            return None
        inverse = np.linalg.pinv(rows / scale, rcond=1e-12)
        covariance = errors["scale"] ** 2 * (inverse @ inverse.T) / np.outer(scale, scale)
    if not np.isfinite(covariance).all():
        return None
    return {"covariance": covariance.tolist(), "left": len(table.y) - rows.shape[1], "target": size}


def band(metadata: Mapping[str, Any], x: Array, level: float) -> tuple[Array, Array]:
    """Lower and upper ends (n,) between which a share `level` of new observations lies at x (n, inputs).

    Raises UsageError where the version does not say how sure its constants are.
    """
    known = metadata.get("uncertainty")
    if not known:
        raise UsageError(
            "this version does not know the errors of its constants",
            "kan fit stores them, unless the errors are mixed or the rows too few",
        )
    from scipy.special import stdtrit

    values, jacobian = linearised(metadata, x)
    model, scale = metadata["errors"]["model"], metadata["errors"]["scale"]
    covariance = np.array(known["covariance"]).reshape(jacobian.shape[1], jacobian.shape[1])
    with np.errstate(all="ignore"):
        own = np.einsum("ni,ij,nj->n", jacobian, covariance, jacobian)
        reach = stdtrit(known["left"], (1 + level) / 2) * np.sqrt(
            own + scale**2 * spread(model, values, known["target"])
        )
        if model == "log":
            ends = values * np.exp(-reach / np.abs(values)), values * np.exp(reach / np.abs(values))
            return np.minimum(*ends), np.maximum(*ends)
        return values - reach, values + reach


def spread(model: str, values: Array, target: Mapping[str, float]) -> Array:
    """g (n,) at the formula's values (n,): the variance of errors is σ²·g."""
    if model == "log":
        return values**2
    if model == "relative":
        return np.asarray(values**2 + (LEAST_RELATIVE * target["rms"]) ** 2)
    if model == "counts":
        return np.maximum(values, LEAST_COUNT * target["median"] or 1.0)
    return np.ones_like(values)


def linearised(metadata: Mapping[str, Any], x: Array) -> tuple[Array, Array]:
    """Values (n,) and derivatives (n, constants) of a version's formula; a given form's named constants, else
    the free constants of its text."""
    names, parameters = safe_names(metadata["inputs"]), metadata.get("parameters")
    if parameters and not any(parameter["exact"] for parameter in parameters):
        form = read_form(metadata["form"], names)
        return Bound.of(form, x).value_and_jacobian(np.array([entry["value"] for entry in parameters]))
    return value_and_jacobian(parse(str(metadata["formula"]), names), x)
