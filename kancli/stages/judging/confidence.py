"""How often formulas like this one are the law, as runs on known laws have shown.

A logistic regression of "the formula has the law's form" on what is known without the law. EXPERIMENTS: confidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# No share is nearer to 0 or 1 than this: none of the runs could have shown it.
LEAST = 0.005
# The posterior among what was found says no more than this: the law may not be among it.
SHARE = 0.98


@dataclass(frozen=True)
class Evidence:
    """What is known of a formula without the law.

    `share`: its part of the posterior among all forms that were found. `free`: constants without an exact value.
    `unexplained`: 1 − r². `structure`: the inputs explain some of what it leaves. `exact`: it leaves rounding only.
    """

    share: float
    free: int
    rows: int
    unexplained: float
    structure: bool
    exact: bool


# What each part of the evidence adds to the log-odds. Of formulas that leave rounding only these are set by hand: all
# 61 in the runs were the law, so there was nothing to fit. Of those that leave more, they are fitted.
EXACT = {"one": 4.0, "share": 0.5, "free": -0.1, "rows": 0.3}
NOISY = {"one": 1.15, "share": 0.53, "free": -0.36, "rows": 0.61, "unexplained": -0.8, "structure": -4.8}


def confidence(evidence: Evidence) -> float:
    """The share of formulas with such evidence that are the law."""
    weights = EXACT if evidence.exact else NOISY
    score = sum(weights[name] * value for name, value in parts(evidence).items() if name in weights)
    return min(max(1 / (1 + math.exp(-score)), LEAST), 1 - LEAST)


def parts(evidence: Evidence) -> dict[str, float]:
    """The evidence as numbers of order one."""
    share = min(max(evidence.share, 1 - SHARE), SHARE)
    return {
        "one": 1.0,
        "share": math.log(share / (1 - share)),
        "free": float(evidence.free),
        "rows": math.log(evidence.rows / 100),
        "unexplained": max(math.log10(max(evidence.unexplained, 1e-4)) + 2, -2.0),
        "structure": float(evidence.structure),
    }
