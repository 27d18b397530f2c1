"""How sure the constants of a formula are: their covariance, and their intervals by profile likelihood.

An interval of a constant holds the values at which the best fit of all others is not worse than chance allows:
S(c) ≤ S·(1 + t²/ν), t Student's quantile with ν = n − p degrees of freedom, S the sum of squares in units of the
errors under their model, its weights those at the fit. (Bates & Watts, Nonlinear Regression Analysis, 1988, ch. 6.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.symbolic.constants.refit import minimised
from kancli.symbolic.errors.loss import LOSSES
from kancli.symbolic.errors.model import LEAST_COUNT, LEAST_RELATIVE
from kancli.symbolic.expression import constants
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.expression.program import compiled
from kancli.symbolic.forms.form import Bound, read_form
from kancli.symbolic.text.parser import parse

Array = NDArray[np.float64]

LEVEL = 0.95
# Of more rows, or constants, the delta method is as good, or a profile takes too long.
MOST_ROWS, MOST_CONSTANTS = 2000, 12
# Trials of a profile's end on each side, the share to which it is found, and steps of each fit.
TRIALS, NEAR, STEPS = 30, 1e-3, 40
# The first trial, in units of the delta method's interval, and how far an end may be.
FIRST, FAR = 1 / 16, 1e3
# The variance of a constant beside that of least squares of errors of the same scale, for errors with long tails:
# (ν + 3)/(ν + 1) with ν = 4 (Lange, Little & Taylor 1989), and Huber's efficiency of 95 %.
TAILS = {"squares": 1.0, "t": 7 / 5, "huber": 1 / 0.95, "l1": 1.0}


class Curve(Protocol):
    """Values (n,) and their derivatives (n, p) as functions of constants (p,)."""

    def value(self, theta: Array) -> Array: ...

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class Logarithm:
    """log |f|."""

    curve: Curve

    def value(self, theta: Array) -> Array:
        with np.errstate(all="ignore"):
            found: Array = np.log(np.abs(self.curve.value(theta)))
        return found

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            values, jacobian = self.curve.value_and_jacobian(theta)
            return np.log(np.abs(values)), jacobian / values[:, None]


@dataclass(frozen=True)
class Held:
    """A curve with one of its constants at a value."""

    curve: Curve
    index: int
    at: float

    def whole(self, theta: Array) -> Array:
        """All constants (p,) from the others (p − 1,)."""
        return np.insert(theta, self.index, self.at)

    def value(self, theta: Array) -> Array:
        return self.curve.value(self.whole(theta))

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        values, jacobian = self.curve.value_and_jacobian(self.whole(theta))
        return values, np.delete(jacobian, self.index, axis=1)


@dataclass(frozen=True)
class Even:
    """A least-squares problem whose errors are all of one size: Σ weight·(target − curve)², at its minimum `theta`.

    `robust`: the mean weight of a row for the sake of long tails.
    """

    curve: Curve
    theta: Array
    target: Array
    weight: Array
    robust: float = 1.0

    def fitted(self, target: Array | None = None) -> tuple[Array, float]:
        """The constants at the nearest minimum, for another target (n,) if one is given, and its sum of squares."""
        theta, _, _ = minimised(
            self.curve, self.theta, self.target if target is None else target, self.weight, STEPS, 1e-10
        )
        return theta, self.squares(theta, target)

    def squares(self, theta: Array, target: Array | None = None) -> float:
        """The sum of squares at these constants."""
        with np.errstate(all="ignore"):
            away = self.curve.value(theta) - (self.target if target is None else target)
            return float(self.weight @ away**2)


def constants_of(metadata: Mapping[str, Any]) -> tuple[Array, tuple[str, ...] | None]:
    """The free constants of a version's formula, and their names where a form was given."""
    parameters = metadata.get("parameters")
    if parameters and not any(parameter["exact"] for parameter in parameters):
        return np.array([entry["value"] for entry in parameters]), tuple(
            str(e.get("name")) for e in parameters
        )
    expression = parse(str(metadata["formula"]), safe_names(metadata["inputs"]))
    return np.array([one.value for one in constants(expression)]), None


def curve_of(metadata: Mapping[str, Any], x: Array) -> Curve:
    """The formula on rows x (n, inputs) as a function of these constants."""
    names = safe_names(metadata["inputs"])
    if constants_of(metadata)[1] is not None:
        return Bound.of(read_form(metadata["form"], names), x)
    return compiled(parse(str(metadata["formula"]), names), x)


def linearised(metadata: Mapping[str, Any], x: Array) -> tuple[Array, Array]:
    """Values (n,) and derivatives (n, constants) of a version's formula; a given form's named constants, else
    the free constants of its text."""
    return curve_of(metadata, x).value_and_jacobian(constants_of(metadata)[0])


def spread(errors: Mapping[str, Any], values: Array, target: Mapping[str, float]) -> Array:
    """g (n,) at the formula's values (n,): the variance of errors is σ²·g. `target`: sizes of the table's target."""
    model = errors["model"]
    if model == "log":
        return values**2
    if model in ("relative", "mixed"):
        least = LEAST_RELATIVE if model == "relative" else errors["crossing"]
        return np.asarray(values**2 + (least * target["rms"]) ** 2)
    if model == "counts":
        return np.maximum(values, LEAST_COUNT * target["median"] or 1.0)
    return np.ones_like(values)


def sizes_of(y: Array) -> dict[str, float]:
    """The sizes of a target that its errors may depend on."""
    return {"rms": float(np.sqrt(np.mean(y**2))), "median": float(np.median(np.abs(y)))}


def even_of(metadata: Mapping[str, Any], table: Dataset) -> Even | None:
    """The problem whose minimum the constants of a version are, the weights those at them; None where its errors are
    not known, or the formula has no value on some row."""
    errors = metadata.get("errors")
    if metadata.get("splines_left") or not known(errors):
        return None
    assert errors is not None
    theta, _ = constants_of(metadata)
    curve = curve_of(metadata, table.x)
    base = np.ones_like(table.y) if table.weight is None else table.weight
    with np.errstate(all="ignore"):
        values = curve.value(theta)
        if errors["model"] == "log":
            even = Even(Logarithm(curve), theta, np.log(np.abs(table.y)), base)
        else:
            even = Even(curve, theta, table.y, base / spread(errors, values, sizes_of(table.y)))
        away = (even.target - even.curve.value(theta)) * np.sqrt(even.weight)
        if not np.isfinite(away).all():
            return None
        if errors.get("loss", "squares") in ("t", "huber", "l1") and errors["scale"] > 0:
            robust = LOSSES[errors["loss"]].weight(away / errors["scale"])
            return replace(even, weight=even.weight * robust, robust=float(np.mean(robust)))
    return even


def known(errors: Mapping[str, Any] | None) -> bool:
    """Whether the size of the errors is known for every value."""
    if not errors or errors.get("scale") is None:
        return False
    return errors["model"] != "mixed" or errors.get("crossing") is not None


def uncertainty(metadata: Mapping[str, Any], table: Dataset) -> dict[str, Any] | None:
    """Facts to keep beside a formula with its errors: `covariance` of its constants, `left` degrees of freedom, and
    the sizes of the target that its errors depend on. None where they cannot be known."""
    errors = metadata.get("errors")
    if not known(errors):
        return None
    assert errors is not None
    values, jacobian = linearised(metadata, table.x)
    size = sizes_of(table.y)
    with np.errstate(all="ignore"):
        root = np.sqrt(spread(errors, values, size) / (1.0 if table.weight is None else table.weight))
        rows = jacobian / root[:, None]
        scale = np.sqrt(np.einsum("ij,ij->j", rows, rows))
        if len(table.y) <= rows.shape[1] or not (np.isfinite(scale).all() and (scale > 0).all()):
            return None
        inverse = np.linalg.pinv(rows / scale, rcond=1e-12)
        variance = TAILS[errors.get("loss", "squares")] * errors["scale"] ** 2
        covariance = variance * (inverse @ inverse.T) / np.outer(scale, scale)
    if not np.isfinite(covariance).all():
        return None
    return {"covariance": covariance.tolist(), "left": len(table.y) - rows.shape[1], "target": size}


def intervals(
    metadata: Mapping[str, Any], table: Dataset, level: float = LEVEL
) -> list[list[float | None]] | None:
    """(low, high) of each free constant, None for an end that there is not: by profile likelihood, of many rows by
    the delta method. None where the errors of the constants are not known."""
    facts = metadata.get("uncertainty") or uncertainty(metadata, table)
    if facts is None:
        return None
    theta, _ = constants_of(metadata)
    if not len(theta):
        return []
    # A tenth of a second that a law without free constants need not wait for.
    from scipy.special import stdtrit

    own = np.sqrt(np.diag(np.array(facts["covariance"]).reshape(len(theta), len(theta))))
    reach = float(stdtrit(facts["left"], (1 + level) / 2))
    plain: list[list[float | None]] = [
        [float(c - reach * e), float(c + reach * e)] for c, e in zip(theta, own, strict=True)
    ]
    if len(table.y) > MOST_ROWS or len(theta) > MOST_CONSTANTS:
        return plain
    even = even_of(metadata, table)
    if even is None:
        return plain
    best, least = even.fitted()
    if not least <= even.squares(even.theta) or not least > 0:
        best, least = even.theta, even.squares(even.theta)
    if not least > (1e-12 * float(np.abs(table.y).max())) ** 2 * float(np.sum(even.weight)):
        return plain  # rounding has no profile
    variance, errors = least / facts["left"], metadata["errors"]
    if errors.get("loss", "squares") != "squares":
        variance = TAILS[errors["loss"]] * errors["scale"] ** 2 * even.robust
    found: list[list[float | None]] = []
    for index in range(len(theta)):
        ends = [end(even, best, least, variance, index, side * reach, own[index]) for side in (-1, 1)]
        found.append(ends)
    return found


def end(
    even: Even, best: Array, least: float, variance: float, index: int, reach: float, step: float
) -> float | None:
    """Where the profile of a constant rises by reach²·variance above its least, on the side of reach's sign; None
    where it does not within FAR times the delta method's."""
    goal = abs(reach)
    others = np.delete(best, index)

    def height(value: float) -> float:
        held = Even(Held(even.curve, index, value), others, even.target, even.weight)
        _, squares = held.fitted()
        return math.sqrt(max(squares - least, 0.0) / variance) if math.isfinite(squares) else math.inf

    # In small steps at first: a large one may lead past a pole, to where the fit is good again.
    near, far = 0.0, FIRST * reach * step
    below, above = 0.0, height(best[index] + far)
    while above < goal:
        near, below, far = far, above, 2 * far
        if abs(far) > FAR * goal * step:
            return None
        above = height(best[index] + far)
    for _ in range(TRIALS):
        # Where the profile is a parabola its root is a line.
        share = (goal - below) / (above - below) if math.isfinite(above) and above > below else 0.5
        middle = near + min(max(share, 0.05), 0.95) * (far - near)
        at = height(best[index] + middle)
        if abs(at - goal) <= NEAR * goal:
            return float(best[index] + middle)
        near, below, far, above = (middle, at, far, above) if at < goal else (near, below, middle, at)
    return float(best[index] + 0.5 * (near + far))


def sure(metadata: Mapping[str, Any], table: Dataset) -> dict[str, Any]:
    """Facts about a version's formula with how sure its constants are: `uncertainty`, and an `interval` in each free
    one of its `constants` and `parameters`."""
    if metadata.get("formula") is None or metadata.get("splines_left"):
        return {"uncertainty": None}
    facts = {"uncertainty": uncertainty(metadata, table)}
    found = intervals({**metadata, **facts}, table) if facts["uncertainty"] else None
    if found is None:
        return facts
    theta, names = constants_of(metadata)
    told: dict[str, Any] = {**facts, "constants": with_intervals(metadata["constants"], theta, names, found)}
    if metadata.get("parameters"):
        told["parameters"] = with_intervals(metadata["parameters"], theta, names, found)
    return told


def with_intervals(
    entries: Sequence[Mapping[str, Any]],
    theta: Array,
    names: Sequence[str] | None,
    found: Sequence[Sequence[float | None]],
) -> list[dict[str, Any]]:
    """Entries of constants, each free one with its interval: by name, or by its value."""
    told = []
    for entry in entries:
        index = None
        if names is not None and entry.get("name") in names:
            index = names.index(str(entry["name"]))
        elif not (entry.get("snapped") or entry.get("exact")) and len(theta):
            nearest = int(np.argmin(np.abs(theta - entry["value"])))
            if math.isclose(theta[nearest], entry["value"], rel_tol=1e-9):
                index = nearest
        told.append({**entry, "interval": None if index is None else list(found[index])})
    return told
