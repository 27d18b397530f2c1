"""The formula behind your CSV: symbolic regression with Kolmogorov-Arnold networks.

from kancli import fit, load
law = fit(frame, target="y")
law.formula, law.r2, law.predict(new_frame)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kancli.door import Fitted, fit, load

__version__ = "0.1.0"
__all__ = ["Fitted", "__version__", "fit", "load"]


def __getattr__(name: str) -> Any:
    """Import the Python interface when it is used: it needs torch, which is too slow to import for `kan --help`."""
    if name in __all__:
        from kancli import door

        return getattr(door, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
