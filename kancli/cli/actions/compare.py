"""How two versions differ, part by part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kancli.cli.output.figures import near_one, short
from kancli.cli.output.render import quality

METRICS = ("r2", "r2_validation", "rmse", "rmse_validation", "complexity", "splines_left")


@dataclass(frozen=True)
class Difference:
    """One difference between two versions; None where one of them does not have the value."""

    part: str
    what: str
    a: Any
    b: Any

    def text(self, value: Any) -> str:
        """The value in full."""
        if isinstance(value, list | tuple):
            return ",".join(map(str, value)) or "none"
        return "-" if value is None else str(value)

    def brief(self, value: Any) -> str:
        """The value rounded for a reader."""
        if isinstance(value, float):
            return near_one(value) if self.what.startswith("r2") else short(value)
        return self.text(value)


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """Compare the metadata of two versions: formula, metrics, edges, options, data, in this order."""
    shared = {*(a.get("recipe") or ())} & {*(b.get("recipe") or ())}
    parts = (
        ("formula", {"formula": a.get("formula")}, {"formula": b.get("formula")}),
        ("metrics", metrics(a), metrics(b)),
        ("edge", edges(a), edges(b)),
        ("option", options(a, shared), options(b, shared)),
        ("data", data(a), data(b)),
    )
    return [
        Difference(part, key, left.get(key), right.get(key))
        for part, left, right in parts
        for key in dict.fromkeys([*left, *right])
        if left.get(key) != right.get(key)
    ]


def metrics(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """How good a version is and how simple."""
    found = quality(metadata)
    return {key: found.get(key, metadata.get(key)) for key in METRICS}


def edges(metadata: Mapping[str, Any]) -> dict[str, str]:
    """`0,1,0` → its function; `spline` before symbolify."""
    if metadata.get("edges") is not None:
        return {f"{e['layer']},{e['source']},{e['target']}": str(e["function"]) for e in metadata["edges"]}
    layers = (metadata.get("architecture") or {}).get("edges", ())
    return {f"{layer},{s},{t}": "spline" for layer, pairs in enumerate(layers) for s, t in pairs}


def options(metadata: Mapping[str, Any], shared: Collection[str]) -> dict[str, Any]:
    """`train.grid` → 5, for the sections that both versions have; `stages` names the others."""
    flat: dict[str, Any] = {}
    for section, entries in (metadata.get("recipe") or {}).items():
        if isinstance(entries, dict):
            flat |= {f"{section}.{key}": value for key, value in entries.items() if section in shared}
        else:
            flat[section] = entries
    # The place of a table is not an option of the fit; whether it is the same table is shown under data.
    return {key: value for key, value in flat.items() if key != "data.path"}


def data(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Which rows and columns a version was made from."""
    kept = metadata.get("data") or {}
    return {
        "rows": kept.get("rows"),
        "held out": kept.get("held_out"),
        "inputs": metadata.get("inputs"),
        "target": metadata.get("target"),
        "fingerprint": (kept.get("fingerprint") or "")[:12] or None,
    }


def name_of(path: Path) -> str:
    """`data-001@3`: what to call a checkpoint at the head of a column."""
    number = path.name.partition("-")[0]
    return f"{path.parent.name}@{int(number)}" if number.isdecimal() else path.name
