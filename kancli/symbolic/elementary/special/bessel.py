"""The Bessel functions of orders 0 and 1.

Languages that lack them use the trapezoidal rule, which converges faster than any power for these integrals:
J and I are means over a circle (DLMF 10.9.1, 10.32.1), K is an integral over a half line (DLMF 10.32.9).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from kancli.symbolic.elementary.entry import TINY, Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import above, c_and_cpp, jax, of_scipy, python

# Whose mean over the circle J and I are, with what times the sine of the angle.
_OF_SINE = {"j": ("cos", "sin"), "i": ("cosh", "sinh")}


def _c_mean(function: str, times: str) -> str:
    return f"""    const int n = 40 + (int)(1.2 * fmin(fabs(v), 1e6));
    double sum = 0.0;
    for (int k = 0; k < n; k++) {{
        const double s = sin(6.283185307179586 * k / n);
        sum += {function}(v * s){times};
    }}
    return sum / n;
"""


def _javascript_mean(name: str, function: str, times: str) -> str:
    return f"""function {name}(v) {{
  const n = 40 + Math.floor(1.2 * Math.min(Math.abs(v), 1e6));
  let sum = 0;
  for (let k = 0; k < n; k++) {{
    const s = Math.sin(2 * Math.PI * k / n);
    sum += Math.{function}(v * s){times};
  }}
  return sum / n;
}}
"""


def _rust_mean(name: str, function: str, times: str) -> str:
    return f"""fn {name}(v: f64) -> f64 {{
    let n = 40 + (1.2 * v.abs().min(1e6)) as i32;
    let mut sum = 0.0;
    for k in 0..n {{
        let s = (2.0 * std::f64::consts::PI * k as f64 / n as f64).sin();
        sum += (v * s).{function}(){times};
    }}
    sum / n as f64
}}
"""


def _torch_mean(name: str, function: str, times: str) -> str:
    return f"""def {name}(v):
    n = 40 + int(1.2 * min(float(v.detach().abs().nan_to_num(0.0).max()), 1e6))
    s = torch.sin(2 * math.pi / n * torch.arange(n, dtype=v.dtype, device=v.device))
    return (torch.{function}(v[..., None] * s){times}).mean(-1)


"""


def _c_line(times: str) -> str:
    return f"""    const double h = 0.5 / (sqrt(v) + 4.0);
    double term = 0.5 * exp(-v), sum = term;
    for (int k = 1; term > 1e-17 * sum; k++) {{
        term = exp(-v * cosh(k * h)){times.format("cosh(k * h)")};
        sum += term;
    }}
    return v > 0.0 ? h * sum : (double)NAN;
"""


def _javascript_line(name: str, times: str) -> str:
    return f"""function {name}(v) {{
  if (!(v > 0)) return NaN;
  const h = 0.5 / (Math.sqrt(v) + 4);
  let term = 0.5 * Math.exp(-v), sum = term;
  for (let k = 1; term > 1e-17 * sum; k++) {{
    term = Math.exp(-v * Math.cosh(k * h)){times.format("Math.cosh(k * h)")};
    sum += term;
  }}
  return h * sum;
}}
"""


def _rust_line(name: str, times: str) -> str:
    return f"""fn {name}(v: f64) -> f64 {{
    if v.is_nan() || v <= 0.0 {{
        return f64::NAN;
    }}
    let h = 0.5 / (v.sqrt() + 4.0);
    let (mut term, mut k) = (0.5 * (-v).exp(), 0.0);
    let mut sum = term;
    while term > 1e-17 * sum {{
        k += 1.0;
        term = (-v * f64::cosh(k * h)).exp(){times.format("f64::cosh(k * h)")};
        sum += term;
    }}
    h * sum
}}
"""


def _torch_line(name: str, times: str) -> str:
    return f"""def {name}(v):
    h = 0.5 / (torch.sqrt(v[..., None]) + 4)
    t = h * torch.arange(600, dtype=v.dtype, device=v.device).clamp(max=25.0 / h.detach().max())
    terms = torch.exp(-v[..., None] * torch.cosh(t)){times.format("torch.cosh(t)")}
    return h[..., 0] * (terms.sum(-1) - 0.5 * terms[..., 0])


"""


def _written(
    kind: Literal["j", "y", "i", "k"], order: Literal[0, 1], scipy: str
) -> dict[str, Written | None]:
    """How the languages write it; a mean or an integral of their own where they lack it, save for Y."""
    name, capital = f"bessel{kind}{order}", f"BESSEL{kind.upper()}"
    known: dict[str, Written | None] = {
        "python": python(scipy),
        "jax": jax(scipy) if kind == "i" else None,
        "torch": None,
        "javascript": None,
        "rust": None,
        "julia": None,
        "excel": Written(f"{capital}({{0}},{order})"),
    }
    if kind in "jy":
        # POSIX has them, but strict C does not declare them.
        known |= {
            "c": Written(scipy, f"double {scipy}(double); /* in POSIX's libm */\n"),
            "c++": Written(f"::{scipy}"),
            "fortran": Written(f"bessel_{scipy}"),
        }
    else:
        known["fortran"] = None
    if kind in "ji":
        function, times = _OF_SINE[kind][order], " * s" if order else ""
        # torch's own have no gradients.
        known |= {
            "torch": Written(f"_{name}", _torch_mean(f"_{name}", function, times)),
            "javascript": Written(name, _javascript_mean(name, function, times)),
            "rust": Written(name, _rust_mean(name, function, times)),
        }
        if kind == "i":
            known |= c_and_cpp(name, _c_mean(function, times))
        # R's have no values left of 0.
        right = f"bessel{kind.upper()}(abs({{0}}), {order})"
        known |= {
            "octave": Written(f"bessel{kind}({order}, {{0}})"),
            "r": Written(f"(sign({{0}}) * {right})" if order else right),
        }
    else:
        # Complex left of 0 in Octave; a warning in R.
        octave = f"    v(v <= 0) = NaN;\n    y = bessel{kind}({order}, v);\n"
        known |= {
            "octave": Written(f"{name}_", f"\nfunction y = {name}_(v)\n{octave}end"),
            "r": Written(f"bessel{kind.upper()}(ifelse({{0}} <= 0, NaN, {{0}}), {order})"),
        }
    if kind == "k":
        times = " * {}" if order else ""
        known |= c_and_cpp(name, _c_line(times))
        known |= {
            "torch": Written(f"_{name}", _torch_line(f"_{name}", times)),
            "javascript": Written(name, _javascript_line(name, times)),
            "rust": Written(name, _rust_line(name, times)),
        }
    return known


def _entry(
    kind: Literal["j", "y", "i", "k"],
    order: Literal[0, 1],
    *,
    derivative: Callable[[Array, Array], Array],
    traits: Traits,
    exact_values: tuple[tuple[str, str], ...] = (),
) -> Elementary:
    scipy = f"{kind}{order}"
    one_sided = kind in "yk"
    value = of_scipy(scipy)
    return Elementary(
        name=f"bessel{kind}{order}",
        value=above(TINY, value) if one_sided else value,
        derivative=derivative,
        low=TINY if one_sided else -float("inf"),
        parity=0 if one_sided else -1 if order else 1,
        sign="positive" if kind == "k" or (kind == "i" and order == 0) else "any",
        exact_values=exact_values,
        spellings=(scipy,),
        sympy=f"bessel{kind}",
        mpmath=f"bessel{kind}",
        order=order,
        name_is_free=True,
        latex=rf"\operatorname{{{kind.upper()}}}_{{{order}}}",
        symbol=(kind.upper(), str(order)),
        exports=_written(kind, order, scipy),
        traits=traits,
    )


_j0, _y0, _i0, _k0 = (of_scipy(name) for name in ("j0", "y0", "i0", "k0"))
_j1, _y1, _i1, _k1 = (of_scipy(name) for name in ("j1", "y1", "i1", "k1"))
_j2, _i2 = of_scipy("jv", 2.0), of_scipy("iv", 2.0)

_RIPPLES = Traits(complexity=5, ripples=True, worth_nesting=False, tried="special")
_HALF_RIPPLES = Traits(
    complexity=6,
    ripples=True,
    at_zero="branch",
    worth_adding=False,
    worth_multiplying=False,
    worth_nesting=False,
    tried="special",
)
_GROWS = Traits(
    complexity=6,
    ends=(-12.0, -6.0, -2.5, 0.0, 1.0, 2.5, 6.0, 12.0, 30.0),
    worth_adding=False,
    worth_multiplying=False,
    worth_nesting=False,
    tried="special",
)
_DECAYS = Traits(
    complexity=6,
    at_zero="branch",
    ends=(1e-3, 0.03, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0),
    worth_adding=False,
    worth_multiplying=False,
    worth_nesting=False,
    tried="special",
)

# f₁′ = (f₀ ± f₂)/2 where the other form, f₀ − f₁/u, has a pole to cancel at 0.
BESSEL = (
    _entry("j", 0, derivative=lambda u, v: -_j1(u), traits=_RIPPLES, exact_values=(("0", "1"),)),
    _entry(
        "j", 1, derivative=lambda u, v: 0.5 * (_j0(u) - _j2(u)), traits=_RIPPLES, exact_values=(("0", "0"),)
    ),
    _entry("y", 0, derivative=lambda u, v: -_y1(u), traits=_HALF_RIPPLES),
    _entry("y", 1, derivative=lambda u, v: _y0(u) - v / u, traits=_HALF_RIPPLES),
    _entry("i", 0, derivative=lambda u, v: _i1(u), traits=_GROWS, exact_values=(("0", "1"),)),
    _entry(
        "i", 1, derivative=lambda u, v: 0.5 * (_i0(u) + _i2(u)), traits=_GROWS, exact_values=(("0", "0"),)
    ),
    _entry("k", 0, derivative=lambda u, v: -_k1(u), traits=_DECAYS),
    _entry("k", 1, derivative=lambda u, v: -_k0(u) - v / u, traits=_DECAYS),
)
