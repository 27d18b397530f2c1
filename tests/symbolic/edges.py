"""Shared by the tests of the kinds of function on an edge: exact curves with random constants, and who fits them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.kinds.rich import finished
from kancli.symbolic.edge.ranking import Candidate
from kancli.symbolic.edge.scaling import Scaled, scaled
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import Function, library

Array = NDArray[np.float64]
# A kind fits a member of its own when this share of the variance, or less, is left.
EXACTLY = 1e-10


def rows(low: float, high: float, seed: int = 0, count: int = 300) -> Array:
    """Random places of an edge's data, in order."""
    return np.sort(np.random.default_rng(seed).uniform(low, high, count))


def edge_of(x: Array, y: Array, weight: Array | None = None) -> Scaled:
    return scaled(x, y, weight, 0.0)


def raw(
    activations: Sequence[Activation], edge: Scaled, functions: Sequence[Function] | None = None
) -> list[Candidate]:
    """Activations of s and scaled y, fitted to the end and in raw units."""
    names = frozenset(function.name for function in functions or library())
    with np.errstate(all="ignore"):
        return finished(activations, edge, names, 0.0)


def best(candidates: Iterable[Candidate]) -> Candidate:
    return min(candidates, key=lambda candidate: candidate.residual)


def is_exact(candidate: Candidate, x: Array, y: Array) -> bool:
    """Whether a candidate's residual is next to nothing, and is that of its values."""
    missed = np.mean((candidate.activation.evaluate(x) - y) ** 2) / np.var(y)
    return candidate.residual < EXACTLY and bool(missed < EXACTLY)
