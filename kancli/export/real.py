"""Names of the helpers with which a language stays real where its own functions raise or turn complex."""

from __future__ import annotations

from kancli.symbolic.expression.functions import FUNCTIONS

PARTIAL = ("log", "asin", "acos", "acosh", "atanh")
REAL_FUNCTIONS = {name: f"{name}_" if name in PARTIAL else name for name in FUNCTIONS}
