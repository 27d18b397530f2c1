"""Names of the helpers that keep results real where a language's own functions raise or return complex numbers."""

from __future__ import annotations

from kancli.symbolic.expression.functions import FUNCTIONS

PARTIAL = ("log", "asin", "acos", "acosh", "atanh")
REAL_FUNCTIONS = {name: f"{name}_" if name in PARTIAL else name for name in FUNCTIONS}
