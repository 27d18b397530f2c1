"""The complement of the error function, which keeps its digits where 1 − erf(u) has none left."""

from __future__ import annotations

import math

import numpy as np

from kancli.symbolic.elementary.entry import Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import of_scipy, python

# 1 − erf(x) up to 2, then the continued fraction (DLMF 7.9.1), from its end.
_JAVASCRIPT = """function erfc_of(v) {
  const x = Math.abs(v);
  let own = 1 - erf_of(x);
  if (x > 2) {
    let below = x;
    for (let k = 80; k > 0; k--) below = x + 0.5 * k / below;
    own = Math.exp(-x * x) / (Math.sqrt(Math.PI) * below);
  }
  return v < 0 ? 2 - own : own;
}
"""
_RUST = """fn erfc_of(v: f64) -> f64 {
    let x = v.abs();
    let mut own = 1.0 - erf_of(x);
    if x > 2.0 {
        let mut below = x;
        for k in (1..81).rev() {
            below = x + 0.5 * k as f64 / below;
        }
        own = (-x * x).exp() / (std::f64::consts::PI.sqrt() * below);
    }
    if v < 0.0 { 2.0 - own } else { own }
}
"""
_JULIA = """
function erfc_of(v)
    x = abs(v)
    own = 1.0 - erf_of(x)
    if x > 2
        below = x
        for k in 80:-1:1
            below = x + 0.5 * k / below
        end
        own = exp(-x * x) / (sqrt(pi) * below)
    end
    return v < 0 ? 2.0 - own : own
end"""
_JAX = """def _erfc(v):
    from jax.scipy.special import erfc

    return erfc(v)


"""

ERFC = Elementary(
    name="erfc",
    value=of_scipy("erfc"),
    derivative=lambda u, v: -2.0 / math.sqrt(math.pi) * np.exp(-u * u),
    sign="positive",
    exact_values=(("0", "1"),),
    name_is_free=True,
    exports={
        "python": python("erfc"),
        "jax": Written("_erfc", _JAX),
        "javascript": Written("erfc_of", _JAVASCRIPT),
        "rust": Written("erfc_of", _RUST),
        "julia": Written("erfc_of", _JULIA),
        "r": Written("(2 * pnorm(-sqrt(2) * ({0})))"),
    },
    traits=Traits(complexity=4, saturates=True, remote=3.5, dense_starts=True, twin="erf", tried="named"),
)
