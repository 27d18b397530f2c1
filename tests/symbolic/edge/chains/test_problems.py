"""Sets of problems over one library."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.edge.chains.problems import PER_STEP, problems
from kancli.symbolic.library.functions import library


def test_no_problems_are_a_set_of_their_depth_too() -> None:
    """--lib x leaves no pair of functions to try."""
    none = problems(tuple(library(["x"])), [], np.empty((0, 2 * PER_STEP)), np.empty((0, 2 * PER_STEP)), 0.0)
    assert none.chain.shape == (0, 2)
