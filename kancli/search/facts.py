"""What a version without a network says of its formula."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import Any

from kancli import __version__
from kancli.dataset import Dataset
from kancli.stages.formulas import SHOWN, facts_of_formula
from kancli.symbolic.formula import Formula


def columns_of(table: Dataset) -> dict[str, Any]:
    """The table's part in what `finish` and `write` are told."""
    return {
        "inputs": table.inputs,
        "target": table.target,
        "validation": table.validation,
        "weight": table.weight,
    }


def facts_without_network(
    formula: Formula, others: Sequence[Mapping[str, Any]], table: Dataset, seed: int
) -> dict[str, Any]:
    """Metadata of a formula in the table's columns, with `others` (what `Formula.metadata` gives) as its front."""
    own = facts_of_formula(formula, table)
    front = [{**{key: own[key] for key in SHOWN}, "chosen": True}]
    front += [
        {**{key: one[key] for key in SHOWN}, "chosen": False} for one in others if one["rmse"] is not None
    ]
    return {
        **own,
        "inputs": list(table.inputs),
        "constant": dict(table.constant),
        "seed": seed,
        "versions": {"kancli": __version__, "python": platform.python_version()},
        "splines_left": 0,
        "front": sorted(front, key=lambda e: (e["complexity"], e["rmse"])),
    }
