"""Lambert's W, the principal branch: w·exp(w) = u. Languages that lack it have Halley's iteration."""

from __future__ import annotations

import math

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import c_and_cpp, special

_LOW = -math.exp(-1.0)
# The start is near everywhere: a series about the branch point, or logarithms.
_C = """    const double p = sqrt(2.0 * (2.718281828459045 * v + 1.0));
    double w = p - 1.0 - p * p / 3.0 + 11.0 / 72.0 * p * p * p;
    if (v > 0.0)
        w = v < 3.0 ? 0.6 * log(1.0 + v) : log(v) - log(log(v));
    for (int k = 0; k < 40; k++) {
        const double e = exp(w), f = w * e - v;
        const double step = f / (e * (w + 1.0) - 0.5 * (w + 2.0) * f / (w + 1.0));
        w -= step;
        if (!(fabs(step) > 1e-16 * fabs(w)))
            break;
    }
    return w;
"""
_JAVASCRIPT = """function lambertw(v) {
  const p = Math.sqrt(2 * (Math.E * v + 1));
  let w = p - 1 - p * p / 3 + 11 / 72 * p * p * p;
  if (v > 0) w = v < 3 ? 0.6 * Math.log(1 + v) : Math.log(v) - Math.log(Math.log(v));
  for (let k = 0; k < 40; k++) {
    const e = Math.exp(w), f = w * e - v;
    const step = f / (e * (w + 1) - 0.5 * (w + 2) * f / (w + 1));
    w -= step;
    if (!(Math.abs(step) > 1e-16 * Math.abs(w))) break;
  }
  return w;
}
"""
_RUST = """fn lambertw(v: f64) -> f64 {
    let p = (2.0 * (std::f64::consts::E * v + 1.0)).sqrt();
    let mut w = p - 1.0 - p * p / 3.0 + 11.0 / 72.0 * p * p * p;
    if v > 0.0 {
        w = if v < 3.0 { 0.6 * (1.0 + v).ln() } else { v.ln() - v.ln().ln() };
    }
    for _ in 0..40 {
        let e = w.exp();
        let f = w * e - v;
        let step = f / (e * (w + 1.0) - 0.5 * (w + 2.0) * f / (w + 1.0));
        w -= step;
        if step.is_nan() || step.abs() <= 1e-16 * w.abs() {
            break;
        }
    }
    w
}
"""
_PYTHON = """def _lambertw(v):
    from scipy.special import lambertw

    return np.where(v < -np.exp(-1), np.nan, lambertw(v).real)


"""
# The last step, from a value without gradient, has that of W.
_TORCH = """def _lambertw(v):
    with torch.no_grad():
        p = torch.sqrt(2 * (math.e * v + 1))
        w = torch.where(v > 0, torch.log1p(v) * 0.6, p - 1 - p**2 / 3 + 11 / 72 * p**3)
        for _ in range(40):
            e = torch.exp(w)
            f = w * e - v
            w = w - torch.nan_to_num(f / (e * (w + 1) - 0.5 * (w + 2) * f / (w + 1)))
    return w - (w * torch.exp(w) - v) / (torch.exp(w) * (w + 1))


"""


def _value(u: Array) -> Array:
    inside = np.where(u >= _LOW, u, np.nan)
    return np.asarray(special().lambertw(inside).real, dtype=np.float64)


LAMBERT = Elementary(
    name="LambertW",
    value=_value,
    derivative=lambda u, v: np.exp(-v) / (1.0 + v),
    low=_LOW,
    exact_values=(("0", "0"), ("exp(1)", "1")),
    spellings=("lambertw",),
    mpmath="lambertw",
    name_is_free=True,
    latex=r"\operatorname{W}",
    symbol=("W", ""),
    exports={
        "python": Written("_lambertw", _PYTHON),
        "jax": None,
        "torch": Written("_lambertw", _TORCH),
        **c_and_cpp("lambertw", _C),
        "fortran": None,
        "javascript": Written("lambertw", _JAVASCRIPT),
        "rust": Written("lambertw", _RUST),
        "julia": None,
        "octave": None,
        "r": None,
        "excel": None,
    },
    traits=Traits(
        complexity=5,
        at_zero="smooth",
        ends=(-0.3678, -0.3, -0.1, 0.0, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4),
        worth_adding=False,
        worth_multiplying=False,
        worth_nesting=False,
        tried="special",
    ),
)
