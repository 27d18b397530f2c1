"""Γ, its logarithm and the derivative of that.

Languages that lack them have Lanczos' and Stirling's series, the argument raised to where that converges.
"""

from __future__ import annotations

import numpy as np

from kancli.symbolic.elementary.entry import TINY, Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import above, c_and_cpp, jax, of_scipy, python, special

# Lanczos' coefficients for g = 7 and nine terms (Godfrey 2001), right to about 1e-15.
_LANCZOS = (
    "0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, "
    "12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7"
)
_GAMMA_JAVASCRIPT = f"""function gamma_of(v) {{
  if (v < 0.5) return Number.isInteger(v) ? NaN : Math.PI / (Math.sin(Math.PI * v) * gamma_of(1 - v));
  const c = [{_LANCZOS}];
  const t = v + 6.5, half = Math.pow(t, (v - 0.5) / 2);
  let sum = c[0];
  for (let k = 1; k < 9; k++) sum += c[k] / (v - 1 + k);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-t) * half * sum;
}}
"""
_GAMMA_RUST = f"""fn gamma_of(v: f64) -> f64 {{
    let pi = std::f64::consts::PI;
    if v < 0.5 {{
        return if v == v.floor() {{ f64::NAN }} else {{ pi / ((pi * v).sin() * gamma_of(1.0 - v)) }};
    }}
    let c = [{_LANCZOS}];
    let (t, mut sum) = (v + 6.5, c[0]);
    for k in 1..9 {{
        sum += c[k] / (v - 1.0 + k as f64);
    }}
    let half = t.powf((v - 0.5) / 2.0);
    (2.0 * pi).sqrt() * half * (-t).exp() * half * sum
}}
"""
_GAMMA_TORCH = """def _gamma(v):
    return torch.exp(torch.lgamma(v)) * torch.where((v < 0) & (torch.floor(v) % 2 != 0), -1, 1)


"""

# log Γ(x) = (x − 1/2)·log x − x + log(2π)/2 + 1/(12x) − …, from x = 15 on, less the log of what x was raised by.
_STIRLING = (
    "(1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 "
    "- r * 691.0 / 360360.0))))) / x"
)
_LOGGAMMA_JAVASCRIPT = f"""function loggamma_of(v) {{
  if (!(v > 0)) return NaN;
  let x = v, raised = 1;
  for (; x < 15; x++) raised *= x;
  const r = 1 / (x * x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) - Math.log(raised)
    + {_STIRLING};
}}
"""
_LOGGAMMA_RUST = f"""fn loggamma_of(v: f64) -> f64 {{
    if v.is_nan() || v <= 0.0 {{
        return f64::NAN;
    }}
    let (mut x, mut raised) = (v, 1.0);
    while x < 15.0 {{
        raised *= x;
        x += 1.0;
    }}
    let r = 1.0 / (x * x);
    let series = {_STIRLING};
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() - f64::ln(raised) + series
}}
"""

# ψ(x) = log x − 1/(2x) − 1/(12x²) + 1/(120x⁴) − …, from x = 15 on; ψ(x) = ψ(1 − x) − π/tan πx left of 0.
_PSI = (
    "r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r * (1.0 / 132.0 "
    "- r * 691.0 / 32760.0)))))"
)
_DIGAMMA_C = f"""    const double pi = 3.141592653589793;
    double x = v < 0.0 ? 1.0 - v : v, sum = 0.0;
    if (v == 0.0 || (v < 0.0 && v == floor(v)))
        return (double)NAN;
    for (; x < 15.0; x += 1.0)
        sum -= 1.0 / x;
    {{
        const double r = 1.0 / (x * x);
        sum += log(x) - 0.5 / x - {_PSI};
    }}
    return v < 0.0 ? sum - pi / tan(pi * v) : sum;
"""
_DIGAMMA_JAVASCRIPT = f"""function digamma(v) {{
  if (v <= 0 && Number.isInteger(v)) return NaN;
  if (v < 0) return digamma(1 - v) - Math.PI / Math.tan(Math.PI * v);
  let x = v, sum = 0;
  for (; x < 15; x++) sum -= 1 / x;
  const r = 1 / (x * x);
  return sum + Math.log(x) - 0.5 / x - {_PSI};
}}
"""
_DIGAMMA_RUST = f"""fn digamma(v: f64) -> f64 {{
    let pi = std::f64::consts::PI;
    if v <= 0.0 && v == v.floor() {{
        return f64::NAN;
    }}
    if v < 0.0 {{
        return digamma(1.0 - v) - pi / (pi * v).tan();
    }}
    let (mut x, mut sum) = (v, 0.0);
    while x < 15.0 {{
        sum -= 1.0 / x;
        x += 1.0;
    }}
    let r = 1.0 / (x * x);
    sum + x.ln() - 0.5 / x - {_PSI}
}}
"""

# From the first pole on, and up to where Γ is 1e19.
_ENDS = (0.02, 0.3, 1.0, 2.0, 4.0, 8.0, 14.0, 21.0)
_gamma, _log_gamma = of_scipy("gamma"), of_scipy("gammaln")
_psi = of_scipy("digamma")


def _psi_slope(u: Array) -> Array:
    """ψ′, by reflection left of 0: ψ′(u) = (π/sin πu)² − ψ′(1 − u)."""
    right = np.where(u > 0.0, u, 1.0 - u)
    slope = np.asarray(special().polygamma(1, right), dtype=np.float64)
    return np.where(u > 0.0, slope, (np.pi / np.sin(np.pi * u)) ** 2 - slope)


def _traits(complexity: int) -> Traits:
    return Traits(
        complexity=complexity,
        at_zero="branch",
        ends=_ENDS,
        beyond=TINY,
        worth_adding=False,
        worth_multiplying=False,
        worth_nesting=False,
        tried="special",
    )


def _no_poles(u: Array) -> Array:
    return np.where((u <= 0.0) & (u == np.floor(u)), np.nan, u)


GAMMA = (
    Elementary(
        name="gamma",
        value=lambda u: _gamma(_no_poles(u)),
        derivative=lambda u, v: v * _psi(u),
        exact_values=(("1", "1"), ("2", "1"), ("3", "2"), ("4", "6"), ("5", "24"), ("1/2", "sqrt(pi)")),
        spellings=("tgamma",),
        name_is_free=True,
        latex=r"\Gamma",
        symbol=("Γ", ""),
        exports={
            "python": python("gamma"),
            "jax": jax("gamma"),
            "torch": Written("_gamma", _GAMMA_TORCH),
            "c": Written("tgamma"),
            "c++": Written("std::tgamma"),
            "javascript": Written("gamma_of", _GAMMA_JAVASCRIPT),
            "rust": Written("gamma_of", _GAMMA_RUST),
            "julia": None,
            "octave": Written("gamma"),
            "excel": Written("GAMMA"),
        },
        traits=_traits(5),
    ),
    Elementary(
        name="loggamma",
        value=above(TINY, _log_gamma),
        derivative=lambda u, v: _psi(np.where(u >= TINY, u, np.nan)),
        low=TINY,
        exact_values=(("1", "0"), ("2", "0")),
        spellings=("lgamma", "gammaln"),
        name_is_free=True,
        latex=r"\ln\Gamma",
        symbol=("lnΓ", ""),
        exports={
            "python": python("gammaln"),
            "jax": jax("gammaln"),
            "torch": Written("torch.lgamma"),
            "c": Written("lgamma"),
            "c++": Written("std::lgamma"),
            "fortran": Written("log_gamma"),
            "javascript": Written("loggamma_of", _LOGGAMMA_JAVASCRIPT),
            "rust": Written("loggamma_of", _LOGGAMMA_RUST),
            "julia": None,
            "octave": Written("gammaln"),
            "r": Written("lgamma"),
            "excel": Written("GAMMALN"),
        },
        traits=_traits(6),
    ),
    Elementary(
        name="digamma",
        value=lambda u: _psi(_no_poles(u)),
        derivative=lambda u, v: _psi_slope(u),
        exact_values=(),
        spellings=("psi",),
        name_is_free=True,
        latex=r"\psi",
        symbol=("ψ", ""),
        exports={
            "python": python("digamma"),
            "jax": jax("digamma"),
            "torch": Written("torch.digamma"),
            **c_and_cpp("digamma", _DIGAMMA_C),
            "fortran": None,
            "javascript": Written("digamma", _DIGAMMA_JAVASCRIPT),
            "rust": Written("digamma", _DIGAMMA_RUST),
            "julia": None,
            "octave": Written("psi"),
            "excel": None,
        },
        traits=_traits(6),
    ),
)
