"""Functions in pieces: the whole number below, the one above, the unit step, which is 1/2 at 0, and the hinge."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import c_and_cpp

_FORTRAN = """
    elemental function {name}(v) result(s)
        real(dp), intent(in) :: v
        real(dp) :: s
        s = aint(v)
        if ({far}) s = s {step} 1.0_dp
    end function {name}"""
_HEAVISIDE_FORTRAN = """
    elemental function heaviside(v) result(s)
        real(dp), intent(in) :: v
        real(dp) :: s
        s = merge(v, 0.5_dp + sign(0.5_dp, v), v /= v)
        if (v == 0.0_dp) s = 0.5_dp
    end function heaviside"""
_HEAVISIDE_RUST = """fn heaviside(v: f64) -> f64 {
    if v == 0.0 || v.is_nan() { v + 0.5 } else if v > 0.0 { 1.0 } else { 0.0 }
}
"""


_HINGE_FORTRAN = """
    elemental function hinge_of(v) result(s)
        real(dp), intent(in) :: v
        real(dp) :: s
        s = merge(0.0_dp, v, v <= 0.0_dp)
    end function hinge_of"""


def _flat(u: Array, v: Array) -> Array:
    return np.zeros_like(u)


def _heaviside(u: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.sign(u))


STEPS = (
    # Max(0, u): tariffs, taxes, yield points. No function of an edge, where abs has its kink.
    Elementary(
        name="hinge",
        value=lambda u: np.maximum(u, 0.0),
        derivative=lambda u, v: np.heaviside(u, 0.5),
        sign="not negative",
        exact_values=(("0", "0"), ("1", "1")),
        sympy="Max",
        mpmath=lambda mp, u: (u + abs(u)) / 2,
        order=0,
        name_is_free=True,
        latex=r"\max_0",
        symbol=("max", "0"),
        exports={
            "python": Written("np.maximum({0}, 0.0)"),
            "jax": Written("jnp.maximum({0}, 0.0)"),
            "torch": Written("torch.relu({0})"),
            **c_and_cpp("hinge_of", "    return v <= 0.0 ? 0.0 : v;\n"),
            "fortran": Written("hinge_of", _HINGE_FORTRAN),
            "javascript": Written("Math.max({0}, 0)"),
            "rust": Written(
                "hinge_of", "fn hinge_of(v: f64) -> f64 {\n    if v <= 0.0 { 0.0 } else { v }\n}\n"
            ),
            "julia": Written("max({0}, 0.0)"),
            "octave": Written("(({0} + abs({0}))/2)"),
            "r": Written("pmax({0}, 0)"),
            "excel": Written("MAX({0},0)"),
        },
    ),
    Elementary(
        name="floor",
        value=np.floor,
        derivative=_flat,
        name_is_free=True,
        fences=("⌊", "⌋"),
        exports={
            "fortran": Written("floor_of", _FORTRAN.format(name="floor_of", far="v < s", step="-")),
            "excel": Written("INT"),
        },
    ),
    Elementary(
        name="ceiling",
        value=np.ceil,
        derivative=_flat,
        long="ceil",
        mpmath="ceil",
        name_is_free=True,
        fences=("⌈", "⌉"),
        exports={
            "c": Written("ceil"),
            "c++": Written("std::ceil"),
            "fortran": Written("ceiling_of", _FORTRAN.format(name="ceiling_of", far="v > s", step="+")),
            "javascript": Written("Math.ceil"),
            "rust": Written("f64::ceil"),
            "julia": Written("ceil"),
            "octave": Written("ceil"),
            "excel": Written("(-INT(-({0})))"),
        },
    ),
    Elementary(
        name="Heaviside",
        value=_heaviside,
        derivative=_flat,
        sign="not negative",
        exact_values=(("0", "1/2"),),
        spellings=("heaviside",),
        mpmath=lambda mp, u: (1 + mp.sign(u)) / 2,
        name_is_free=True,
        latex=r"\operatorname{H}",
        symbol=("H", ""),
        exports={
            "python": Written("np.heaviside({0}, 0.5)"),
            "jax": Written("jnp.heaviside({0}, 0.5)"),
            "torch": Written("((1 + torch.sign({0}))/2)"),
            **c_and_cpp("heaviside", "    return v > 0.0 ? 1.0 : v < 0.0 ? 0.0 : v + 0.5;\n"),
            "fortran": Written("heaviside", _HEAVISIDE_FORTRAN),
            "javascript": Written("((1 + Math.sign({0})) / 2)"),
            "rust": Written("heaviside", _HEAVISIDE_RUST),
            "julia": Written("((1.0 + sign({0})) / 2.0)"),
            "octave": Written("((1 + sign({0}))/2)"),
            "r": Written("((1 + sign({0})) / 2)"),
            "excel": Written("((1+SIGN({0}))/2)"),
        },
        # The same as the sign but for constants; only where it is expected.
        traits=Traits(
            complexity=3,
            scale="fixed",
            shift="fixed",
            at_zero="jump",
            worth_adding=False,
            worth_multiplying=False,
            worth_nesting=False,
            tried="named",
        ),
    ),
)
