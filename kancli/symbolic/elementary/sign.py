"""The sign, 0 at 0 and NaN at NaN, in the languages that have no such function (Rust's signum is 1 at 0)."""

from __future__ import annotations

from kancli.symbolic.elementary.entry import Written

_C = " double sign_of(double v)\n{\n    return v > 0.0 ? 1.0 : v < 0.0 ? -1.0 : v;\n}\n"
_FORTRAN = """
    elemental function sign_of(v) result(s)
        real(dp), intent(in) :: v
        real(dp) :: s
        s = merge(v, sign(1.0_dp, v), v == 0.0_dp .or. v /= v)
    end function sign_of"""
_RUST = "fn sign_of(v: f64) -> f64 {\n    if v == 0.0 || v.is_nan() { v } else { v.signum() }\n}\n"

SIGN_WRITTEN = {
    "c": Written("sign_of", "static" + _C),
    "c++": Written("sign_of", "inline" + _C),
    "fortran": Written("sign_of", _FORTRAN),
    "rust": Written("sign_of", _RUST),
}
