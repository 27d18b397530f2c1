"""Numbers formatted for a reader."""

from __future__ import annotations


def figure(value: float | int | None) -> str:
    """A number in full, for tables that programs read; `-` where there is none."""
    return "-" if value is None else repr(value)


def short(value: float | None) -> str:
    """A number rounded for a reader."""
    return "-" if value is None else f"{value:.5g}"


def near_one(r2: float | None) -> str:
    """An r² with enough digits to distinguish it from one: 0.87, 0.9998, 1-3.1e-12."""
    if r2 is None:
        return "-"
    lack = 1 - r2
    if lack <= 0:
        return "1"
    if lack >= 1e-4:
        return f"{r2:.5f}".rstrip("0") if abs(r2) >= 5e-6 else "0"  # neither "0." nor "-0."
    return f"1-{lack:.1e}"


def duration(seconds: float) -> str:
    """0.4 s, 8 s, 2 min 05 s, 1 h 03 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def shortened(text: str, width: int = 60) -> str:
    """A text that fits into a column, `…` in the place of its end."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
