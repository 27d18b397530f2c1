"""The error function, erf(u) = 2/√π·∫₀ᵘ exp(−t²) dt, which neither numpy nor several languages have."""

from __future__ import annotations

import math

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written

# From here on erf is 1 to the last bit.
_END = 6.0
# Nodes of the table per unit, and terms of the series about each: the ninth is below 1e-17.
_PER_UNIT, _TERMS = 64, 9
_TO_SLOPE = 2.0 / math.sqrt(math.pi)


def _taylor() -> Array:
    """Coefficients (_TERMS, nodes) of erf about each node, lowest first.

    Those of g = exp(−u²) follow from g′ = −2u·g, and erf is its integral.
    """
    nodes = np.arange(int(_END * _PER_UNIT) + 1) / _PER_UNIT
    g = [np.zeros_like(nodes), np.exp(-nodes * nodes)]
    for n in range(1, _TERMS - 1):
        g.append(-2.0 * (nodes * g[n] + g[n - 1]) / n)
    values = [math.erf(node) for node in nodes]
    return np.stack([values, *(_TO_SLOPE * one / n for n, one in enumerate(g[1:], 1))])


_COEFFICIENTS = _taylor()


def erf(u: Array) -> Array:
    """erf of an array of any shape, right to about two units in the last place."""
    size = np.minimum(np.abs(u), _END)
    node = np.rint(size * _PER_UNIT)
    index = np.where(np.isnan(node), 0.0, node).astype(np.intp)
    beyond = size - node / _PER_UNIT
    total = _COEFFICIENTS[-1][index]
    for row in _COEFFICIENTS[-2::-1]:
        total = total * beyond + row[index]
    signed: Array = np.copysign(total, u)
    return signed


# erf(x) = 2/√π·exp(−x²)·Σ (2x²)ⁿ·x/(2n + 1)!!: no term is negative, so nothing cancels.
_JAVASCRIPT = """function erf_of(v) {
  const x = Math.min(Math.abs(v), 6);
  let term = x, sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return Math.sign(v) * 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}
"""
_RUST = """fn erf_of(v: f64) -> f64 {
    if v.is_nan() {
        return v;
    }
    let x = v.abs().min(6.0);
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term > 1e-17 * sum {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    sum * v.signum() * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp()
}
"""
_JULIA = """
function erf_of(v)
    x = min(abs(v), 6.0)
    term, total, n = x, x, 1
    while term > 1e-17 * total
        term *= 2.0 * x * x / (2 * n + 1)
        total += term
        n += 1
    end
    return sign(v) * 2.0 / sqrt(pi) * exp(-x * x) * total
end"""
_PYTHON = """def _erf(v):
    import math

    return np.vectorize(math.erf, otypes=[float])(v)

"""
_JAX = """def _erf(v):
    from jax.scipy.special import erf

    return erf(v)

"""

ERF = Elementary(
    name="erf",
    value=erf,
    derivative=lambda u, v: _TO_SLOPE * np.exp(-u * u),
    parity=-1,
    exports={
        "python": Written("_erf", _PYTHON),
        "jax": Written("_erf", _JAX),
        "javascript": Written("erf_of", _JAVASCRIPT),
        "rust": Written("erf_of", _RUST),
        "julia": Written("erf_of", _JULIA),
        # The regularised incomplete gamma function keeps its digits near 0, which 2·pnorm − 1 does not.
        "r": Written("erf_of", "erf_of <- function(v) sign(v) * pgamma(v^2, 0.5)"),
    },
    # On a spline's few digits it is tanh or arctan: only where it is expected.
    traits=Traits(complexity=4, saturates=True, remote=3.5, dense_starts=True, tried="named"),
)
