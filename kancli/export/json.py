"""The formula and what is known about it as one JSON document."""

from __future__ import annotations

import json

from kancli.export.source import Source
from kancli.visible import visible

DESCRIPTION = "the formula, its names, constants and figures as JSON"

_KEYS = ("latex", "r2", "r2_validation", "rmse", "complexity", "constants", "unsnapped")


def write(source: Source) -> str:
    document = {
        "kan": 1,
        "formula": source.text,
        "target": source.target,
        "inputs": list(source.columns),
        "symbols": dict(source.renamed),
        **{key: source.figures[key] for key in _KEYS if key in source.figures},
    }
    return visible(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
