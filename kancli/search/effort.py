"""How hard functions are looked for."""

from __future__ import annotations

from typing import Literal

from kancli.recipe import FitOptions, ReadingOptions, SymbolifyOptions

Effort = Literal["plain", "first", "full"]
"""Single functions only; a first look; exchanging them until nothing gets better."""


def symbolify_options(options: FitOptions, effort: Effort = "full") -> SymbolifyOptions:
    """The last stage's options."""
    shared = {name: getattr(options, name) for name in ReadingOptions.model_fields}
    if effort != "full":
        # sympy is left out of a first look.
        shared |= {"thorough": False, "simplify_seconds": min(options.simplify_seconds, 0.5)}
    if effort == "plain":
        shared |= {"compositions": False, "top": 1}
    return SymbolifyOptions(**shared)
