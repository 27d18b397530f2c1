"""The search for one law of many, in this process and with its own share of work."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search import Budget, Ledger, Task, find_formula
from kancli.search.processes import HERE
from kancli.stages.progress import silent

# Seconds for a law unless the user gives others.
SECONDS = 10.0
# Units of work per second of the limit: one core of a busy machine does that, so that the clock need not end it.
PER_SECOND = 0.5


def find_law(dataset: Dataset, options: FitOptions, seed: int, units: Mapping[str, str]) -> Ledger:
    """The ledger of a search whose units run in this process. Raises what `find_formula` does."""
    budget = Budget.of_seconds(time.monotonic(), options.time_limit)
    budget = replace(budget, whole=PER_SECOND * options.time_limit)
    return find_formula(Task(dataset, options, seed, HERE, budget, silent, units))
