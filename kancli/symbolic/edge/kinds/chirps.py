"""Waves whose frequency grows, sin(α·s² + β·s + φ), beside a polynomial: a periodogram over α and β."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from kancli.symbolic.edge.chains.polish import polish
from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.edge.kinds.polynomials import monomial
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import Array

ROWS = 400
# Turns of the phase over the data, in radians: what is tried without and with a linear part beside.
FARTHEST = 250.0
FARTHEST_MIXED = 60.0
APART = 1.25
DEGREE = 3
STARTS = 4


def chirps(edge: Scaled, names: frozenset[str]) -> list[Activation]:
    """Activations of s and scaled y: the waves that explain most of what a cubic leaves."""
    sample = subsample(edge.curve, ROWS)
    starts = []
    for wave in peaks(edge, names):
        higher = wave.higher[: -1 if wave.higher[-1] == 0.0 else None]
        terms = [Term(1.0, (replace(wave, higher=higher),))]
        terms += [Term(1.0, (monomial(degree, names),)) for degree in range(1, DEGREE + 1)]
        starts.append(Activation(tuple(terms), 0.0))
    return [polish(start, sample, steps=8).activation for start in starts]


def peaks(edge: Scaled, names: frozenset[str]) -> list[Step]:
    """The waves of s, with s² and s³ in their phases, that explain most of what a cubic leaves."""
    if "x^2" not in names or not names & {"sin", "cos"}:
        return []
    sample = subsample(edge.curve, ROWS)
    s = sample.t - sample.origin
    phases = _phases(float(np.max(np.abs(s))))
    explained, sine, cosine = _periodogram(s, sample, phases)
    wave, turn = ("sin", 0.0) if "sin" in names else ("cos", np.pi / 2)
    found = []
    for row in np.argsort(-explained, kind="stable")[:STARTS]:
        a, *higher = (float(q) for q in phases[row])
        phase = float(np.arctan2(cosine[row], sine[row])) - turn
        found.append(Step(wave, a, phase, higher=tuple(higher)))
    return found


def _phases(reach: float) -> Array:
    """Coefficients (K, 3) of s, s² and s³ in the phases to try."""
    alone = np.arange(APART, FARTHEST, APART)
    mixed = np.arange(APART, FARTHEST_MIXED, APART)
    rows = [(0.0, alpha / reach**2, 0.0) for alpha in alone]
    rows += [(0.0, 0.0, alpha / reach**3) for alpha in alone[: len(alone) // 2]]
    rows += [(beta / reach, a / reach**2, 0.0) for a, beta in itertools.product(mixed, (*mixed, *-mixed))]
    rows += [
        (beta / reach, 0.0, a / reach**3)
        for a, beta in itertools.product(mixed[: len(mixed) // 2], (*mixed, *-mixed))
    ]
    return np.array(rows)


def _periodogram(s: Array, curve: Curve, phases: Array) -> tuple[Array, Array, Array]:
    """For every phase the explained share of what a cubic leaves, and the coefficients of sine and cosine."""
    root = np.sqrt(curve.w)
    basis, _ = np.linalg.qr(np.stack([s**k for k in range(DEGREE + 1)], axis=-1) * root[:, None])
    y = curve.y * root
    y = y - basis @ (basis.T @ y)
    phase = (phases @ np.stack([s, s**2, s**3])).astype(np.float32)
    weight, shape = root.astype(np.float32), basis.astype(np.float32)
    sines, cosines = np.sin(phase) * weight, np.cos(phase) * weight
    sines -= (sines @ shape) @ shape.T
    cosines -= (cosines @ shape) @ shape.T
    ss, cc = np.einsum("km,km->k", sines, sines), np.einsum("km,km->k", cosines, cosines)
    sc = np.einsum("km,km->k", sines, cosines)
    target = y.astype(np.float32)
    sy, cy = sines @ target, cosines @ target
    determinant = np.maximum(ss * cc - sc * sc, 1e-6 * ss * cc)
    sine, cosine = (cc * sy - sc * cy) / determinant, (ss * cy - sc * sy) / determinant
    return sine * sy + cosine * cy, sine, cosine
