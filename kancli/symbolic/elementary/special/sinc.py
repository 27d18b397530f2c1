"""sin(u)/u with its value at 0, which is also the spherical Bessel function of order 0."""

from __future__ import annotations

import math

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import c_and_cpp

# Below this the slope is its series, −u/3 + u³/30 − u⁵/840: its two other terms cancel.
_SMALL = 0.02


def _value(u: Array) -> Array:
    return np.asarray(np.sinc(u / math.pi))


def _derivative(u: Array, v: Array) -> Array:
    square = u * u
    series = -u / 3.0 * (1.0 - square / 10.0 * (1.0 - square / 28.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.abs(u) < _SMALL, series, (np.cos(u) - v) / u)


SINC = Elementary(
    name="sinc",
    value=_value,
    derivative=_derivative,
    parity=1,
    exact_values=(("0", "1"),),
    name_is_free=True,
    exports={
        "python": Written("np.sinc(({0})/np.pi)"),
        "jax": Written("jnp.sinc(({0})/jnp.pi)"),
        "torch": Written("torch.sinc(({0})/math.pi)"),
        **c_and_cpp("sinc", "    return v == 0.0 ? 1.0 : sin(v) / v;\n"),
        "fortran": None,
        "javascript": Written("sinc", "function sinc(v) {\n  return v === 0 ? 1 : Math.sin(v) / v;\n}\n"),
        "rust": Written(
            "sinc", "fn sinc(v: f64) -> f64 {\n    if v == 0.0 { 1.0 } else { v.sin() / v }\n}\n"
        ),
        "julia": Written("sinc_of", "sinc_of(v) = v == 0 ? 1.0 : sin(v) / v"),
        "octave": Written(
            "sinc_of", "\nfunction y = sinc_of(v)\n    y = sin(v)./v;\n    y(v == 0) = 1;\nend"
        ),
        "r": Written("sinc_of", "sinc_of <- function(v) ifelse(v == 0, 1, sin(v) / v)"),
        "excel": Written("IF(({0})=0,1,SIN({0})/({0}))"),
    },
    # A product of the library is the same: sin(u) times 1/u.
    traits=Traits(complexity=4, ripples=True, worth_nesting=False, tried="special"),
)
