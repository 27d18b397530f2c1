"""Stages that do no arithmetic, so that the command line can be tested on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kancli import __version__
from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.stages.progress import Progress

EDGES = [
    {
        "layer": 0, "source": 0, "target": 0, "function": "sin", "a": 3.141592653589793, "b": 0.0, "c": 1.0,
        "d": 0.0, "r2": 0.9999999999991, "complexity": 2, "next": {"function": "tanh", "r2": 0.98},
    },
    {
        "layer": 1, "source": 0, "target": 0, "function": "exp", "a": 1.0, "b": 0.0, "c": 1.0,
        "d": 0.0, "r2": 1.0, "complexity": 2, "next": None,
    },
]  # fmt: skip

FORMULA = "exp(" + " + ".join(f"sin(pi*x1) + {i}*x2**2" for i in range(20)) + ")"
"""Longer than any terminal is wide."""


class FakeStages:
    """What the stages were called with, and what each of them raises, if anything."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, dict[str, Any]]] = []
        self.failures: dict[str, BaseException] = {}

    def train(self, dataset: Dataset, options: Any, *, seed: int, jobs: int, report: Any) -> Checkpoint:
        metadata = {
            "inputs": list(dataset.inputs),
            "target": dataset.target,
            "metrics": {"r2": 0.999, "r2_validation": 0.998, "rmse": 0.1, "rmse_validation": 0.11},
            "influence": [{"input": name, "influence": 1 / len(dataset.inputs)} for name in dataset.inputs],
            "options": options.model_dump(mode="json"),
            "versions": {"kancli": __version__},
        }
        return self._finish("train", options, metadata, {"seed": seed, "jobs": jobs}, report)

    def later(self, name: str) -> Callable[..., Checkpoint]:
        def stage(
            checkpoint: Checkpoint, dataset: Dataset, options: Any, *, seed: int, jobs: int, report: Any
        ) -> Checkpoint:
            metadata = {**checkpoint.metadata, "options": options.model_dump(mode="json")}
            if name == "symbolify":
                metadata |= {
                    "formula": FORMULA, "latex": "x", "r2": 1.0, "r2_validation": 1.0, "rmse": 0.0,
                    "complexity": 9, "front": [], "edges": EDGES, "constants": [], "splines_left": 0,
                    "symbols": {},
                }  # fmt: skip
            return self._finish(
                name, options, metadata, {"seed": seed, "jobs": jobs, "rows": len(dataset.y)}, report
            )

        return stage

    def _finish(
        self, name: str, options: Any, metadata: dict[str, Any], how: dict[str, Any], report: Any
    ) -> Checkpoint:
        self.calls.append((name, options, how))
        report(Progress(name, 1, 2, 0.5, 0.9))
        if name in self.failures:
            raise self.failures[name]
        return Checkpoint(name, {"w": np.arange(3.0)}, metadata)
