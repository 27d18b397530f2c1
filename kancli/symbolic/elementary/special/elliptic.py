"""The complete elliptic integrals K(m) and E(m) of the parameter m = k².

Languages that lack them have the arithmetic-geometric mean (DLMF 19.8.5, 19.8.6).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import c_and_cpp, of_scipy, python, special

# The mean of 1 and √(1 − v) is a in the end, and K is π/(2a); E = K·(1 − Σ 2ⁿ⁻¹·cₙ²), of which `lost` is the sum.
_C = """    double a = 1.0, b = sqrt(1.0 - v), mean;
    for (int k = 0; k < 40 && fabs(a - b) > 1e-16 * a; k++) {
        mean = 0.5 * (a + b);
        b = sqrt(a * b);
        a = mean;
    }
    return 0.5 * 3.141592653589793 / a;
"""
_C_LOST = """    double a = 1.0, b = sqrt(1.0 - v), lost = 0.5 * v, weight = 1.0, mean;
    for (int k = 0; k < 40 && fabs(a - b) > 1e-16 * a; k++) {
        lost += weight * 0.25 * (a - b) * (a - b);
        weight *= 2.0;
        mean = 0.5 * (a + b);
        b = sqrt(a * b);
        a = mean;
    }
    return v == 1.0 ? 1.0 : 0.5 * 3.141592653589793 / a * (1.0 - lost);
"""
_JAVASCRIPT = """function {name}(v) {{
  let a = 1, b = Math.sqrt(1 - v), lost = 0.5 * v, weight = 1;
  for (let k = 0; k < 40 && Math.abs(a - b) > 1e-16 * a; k++) {{
    lost += weight * 0.25 * (a - b) * (a - b);
    weight *= 2;
    [a, b] = [0.5 * (a + b), Math.sqrt(a * b)];
  }}
  return {result};
}}
"""
_RUST = """fn {name}(v: f64) -> f64 {{
    let (mut a, mut b) = (1.0_f64, (1.0 - v).sqrt());
    let mut k = 0;
    while k < 40 && (a - b).abs() > 1e-16 * a {{
        (a, b) = (0.5 * (a + b), (a * b).sqrt());
        k += 1;
    }}
    0.5 * std::f64::consts::PI / a
}}
"""
_RUST_LOST = """fn {name}(v: f64) -> f64 {{
    let (mut a, mut b, mut lost, mut weight) = (1.0_f64, (1.0 - v).sqrt(), 0.5 * v, 1.0);
    let mut k = 0;
    while k < 40 && (a - b).abs() > 1e-16 * a {{
        lost += weight * 0.25 * (a - b) * (a - b);
        weight *= 2.0;
        (a, b) = (0.5 * (a + b), (a * b).sqrt());
        k += 1;
    }}
    if v == 1.0 {{ 1.0 }} else {{ 0.5 * std::f64::consts::PI / a * (1.0 - lost) }}
}}
"""
_JULIA = """
function {name}(v)
    v > 1 && return NaN
    a, b, lost, weight, k = 1.0, sqrt(1.0 - v), 0.5 * v, 1.0, 0
    while k < 40 && abs(a - b) > 1e-16 * a
        lost += weight * 0.25 * (a - b)^2
        weight *= 2.0
        a, b, k = 0.5 * (a + b), sqrt(a * b), k + 1
    end
    return {result}
end"""
_R = """{name} <- function(v) {{
  v <- ifelse(v > 1, NaN, v)
  a <- 1; b <- sqrt(1 - v); lost <- 0.5 * v; weight <- 1
  for (k in 1:12) {{
    lost <- lost + weight * 0.25 * (a - b)^2
    weight <- 2 * weight
    mean <- 0.5 * (a + b); b <- sqrt(a * b); a <- mean
  }}
  {result}
}}"""
_TORCH = """def {name}(v):
    a, b, lost = torch.ones_like(v), torch.sqrt(1 - v), v / 2
    for k in range(12):
        lost = lost + 2**k * ((a - b) / 2) ** 2
        a, b = (a + b) / 2, torch.sqrt(a * b)
    return {result}


"""
_OCTAVE = """
function y = {name}(v)
    v(v > 1) = NaN;
    {result} = ellipke(v);
end"""


def _written(name: str, scipy: str, *, second: bool) -> dict[str, Written | None]:
    own, private = f"{name}_of", f"_{name}"
    times = " * (1 - lost)" if second else ""
    javascript, julia = f"0.5 * Math.PI / a{times}", f"0.5 * pi / a{times}"
    if second:  # at 1 the mean is 0
        javascript, julia = f"v === 1 ? 1 : {javascript}", f"v == 1 ? 1.0 : {julia}"
    return {
        "python": python(scipy),
        "jax": None,
        "torch": Written(private, _TORCH.format(name=private, result=f"math.pi / 2 / a{times}")),
        **c_and_cpp(own, _C_LOST if second else _C),
        "fortran": None,
        "javascript": Written(own, _JAVASCRIPT.format(name=own, result=javascript)),
        "rust": Written(own, (_RUST_LOST if second else _RUST).format(name=own)),
        "julia": Written(own, _JULIA.format(name=own, result=julia)),
        "octave": Written(own, _OCTAVE.format(name=own, result="[~, y]" if second else "y")),
        "r": Written(own, _R.format(name=own, result=f"0.5 * pi / a{times}")),
        "excel": None,
    }


def _carlson(last: bool) -> Callable[[Array], Array]:
    """R_D(0, 1 − m, 1), or R_D(0, 1, 1 − m) where the last argument is that of m."""

    def value(u: Array) -> Array:
        one = np.ones_like(u)
        arguments = (one, 1.0 - u) if last else (1.0 - u, one)
        return np.asarray(special().elliprd(0.0, *arguments), dtype=np.float64)

    return value


_k_slope, _e_slope = _carlson(True), _carlson(False)
_TRAITS = Traits(
    complexity=6,
    at_zero="smooth",
    ends=(-30.0, -8.0, -2.0, 0.0, 0.5, 0.9, 0.99, 1.0 - 1e-6),
    worth_adding=False,
    worth_multiplying=False,
    worth_nesting=False,
    tried="special",
)

# Their slopes without a pole to cancel at 0 (DLMF 19.25.1): K′ = R_D(0, 1, 1 − m)/6, E′ = −R_D(0, 1 − m, 1)/6.
ELLIPTIC = (
    Elementary(
        name="elliptic_k",
        value=of_scipy("ellipk"),
        derivative=lambda u, v: _k_slope(u) / 6.0,
        high=1.0 - 2.0**-53,
        sign="positive",
        exact_values=(("0", "pi/2"),),
        spellings=("ellipk",),
        mpmath="ellipk",
        name_is_free=True,
        latex=r"\operatorname{K}",
        symbol=("K", ""),
        exports=_written("elliptic_k", "ellipk", second=False),
        traits=_TRAITS,
    ),
    Elementary(
        name="elliptic_e",
        value=of_scipy("ellipe"),
        derivative=lambda u, v: -_e_slope(u) / 6.0,
        high=1.0,
        sign="positive",
        exact_values=(("0", "pi/2"), ("1", "1")),
        spellings=("ellipe",),
        mpmath="ellipe",
        name_is_free=True,
        latex=r"\operatorname{E}",
        symbol=("E", ""),
        exports=_written("elliptic_e", "ellipe", second=True),
        traits=_TRAITS,
    ),
)
