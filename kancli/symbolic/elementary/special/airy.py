"""Airy's function Ai, the solution of f″ = u·f that vanishes at infinity; only a few languages have it."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.elementary.entry import Array, Elementary, Traits, Written
from kancli.symbolic.elementary.special.values import special

_PYTHON = """def _airyai(v):
    from scipy.special import airy

    return airy(v)[0]


"""


def _airy(which: int, u: Array) -> Array:
    return np.asarray(special().airy(u)[which], dtype=np.float64)


AIRY = Elementary(
    name="airyai",
    value=lambda u: _airy(0, u),
    derivative=lambda u, v: _airy(1, u),
    exact_values=(),
    name_is_free=True,
    latex=r"\operatorname{Ai}",
    symbol=("Ai", ""),
    exports={
        "python": Written("_airyai", _PYTHON),
        "octave": Written("real(airy(0, {0}))"),
        **dict.fromkeys(("jax", "torch", "c", "c++", "fortran", "javascript", "rust", "julia", "r", "excel")),
    },
    traits=Traits(
        complexity=5,
        ends=(-24.0, -16.0, -11.0, -8.0, -6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 7.0),
        worth_adding=False,
        worth_multiplying=False,
        worth_nesting=False,
        tried="special",
    ),
)
