"""Laws of motion as versions to keep: one per state, each with the whole system and its trajectories."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.dynamics.find import Found, Motion, target_of
from kancli.dynamics.integrate import integrated, parameters_of
from kancli.errors import KanError
from kancli.recipe import FitOptions
from kancli.search.candidate import without_network
from kancli.stages.reading.formulas import columns_of, facts_of_formula
from kancli.symbolic.expression import Expression, Variable, substitute
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.rewrite.canonical import canonical

Array = NDArray[np.float64]

STAGE = "motion"
# Points per trajectory that are kept for pictures; the forecast goes on for this share of the measured time.
SHOWN, FORECAST = 200, 0.25
# Bits of rivals count half, as in the verdict of other formulas. EXPERIMENTS: confidence
TEMPERATURE, NEAR, MOST_RIVALS = 2.0, 12.0, 5
# The share of laws of which no rival is near that are right. EXPERIMENTS: trajectories
SURE, CLAIMED = 0.9, 0.75


def versions_of(found: Found, options: FitOptions, seed: int) -> list[tuple[Checkpoint, Dataset]]:
    """One version per law, with the table of smoothed states and slopes on which its figures are. Raises
    UnprintableFormula as `formula.write` does."""
    system = facts_of_system(found)
    return [(version_of(found, motion, system, options, seed), motion.table) for motion in found.motions]


def version_of(
    found: Found, motion: Motion, system: dict[str, Any], options: FitOptions, seed: int
) -> Checkpoint:
    """The version of one law."""
    table = motion.table
    formula = formula_of(found, motion, motion.law)
    asked = {key: getattr(options, key) for key in ("ode", "ode_order", "trajectory")}
    base = without_network(STAGE, table, seed, asked, {"system": system})
    entry = {
        "formula": formula.text,
        "complexity": formula.complexity,
        "r2": formula.r2,
        "r2_validation": formula.r2_validation,
        "rmse": formula.rmse,
        "chosen": True,
    }
    return Checkpoint(
        STAGE,
        {},
        {
            **base.metadata,
            **facts_of_formula(formula, table),
            "edges": [],
            "splines_left": 0,
            "front": [entry],
            "remarks": [],
            "verdict": verdict_of(found, motion),
            "errors": {"model": "additive", "loss": "squares", "scale": motion.left},
        },
    )


def formula_of(found: Found, motion: Motion, law: Expression) -> Formula:
    """A law as a formula of the columns of its table, from which constant ones may have been set aside."""
    names = list(found.names)
    order: dict[Expression, Expression] = {
        Variable(i): Variable(motion.table.inputs.index(name))
        for i, name in enumerate(names)
        if name in motion.table.inputs
    }
    own = canonical(substitute(law, order), motion.table.x)
    return write(own, motion.table.x, motion.table.y, **columns_of(motion.table))


def verdict_of(found: Found, motion: Motion) -> dict[str, Any]:
    """Whether a law is to be believed: what it leaves of the integral form, and its rivals there."""
    rivals: list[dict[str, Any]] = []
    for rival in motion.rivals:
        try:
            text = formula_of(found, motion, rival.law).text
        except (KanError, ValueError):
            continue
        rivals.append({"formula": text, "bits": round(rival.bits - motion.bits, 1)})
    share = SURE / (1 + sum(2 ** (-max(r["bits"], -60.0) / TEMPERATURE) for r in rivals))
    near = [r for r in rivals if r["bits"] < NEAR][:MOST_RIVALS]
    if not motion.explains:
        kind, share = "approximation", min(share, 0.3)
        why = f"integrated, it leaves {motion.left:.2g} of the spread, more than noise"
    elif share < CLAIMED:
        kind, why = "undecided", "other laws describe the trajectories nearly as briefly"
    elif motion.noise == 0.0:
        kind, why = "exact", "integrated, it leaves no more than the accuracy of a solver"
    else:
        kind, why = "law_with_noise", "integrated, it leaves no more than the noise of the points"
    return {"kind": kind, "confidence": round(share, 3), "why": why, "rivals": near}


def facts_of_system(found: Found) -> dict[str, Any]:
    """The system for metadata: its laws, and each trajectory measured and integrated, with a forecast."""
    system = found.system
    laws = {
        target_of(system.states[m.state], system.time, found.order): formula_of(found, m, m.law).text
        for m in found.motions
    }
    whole = not found.failed
    return {
        "time": system.time,
        "states": list(system.states),
        "order": found.order,
        "laws": laws,
        "refined": found.refined,
        "trajectories": [facts_of_trajectory(found, i, whole) for i in range(len(system.trajectories))],
    }


def facts_of_trajectory(found: Found, index: int, whole: bool) -> dict[str, Any]:
    """One trajectory: some measured points, the solution at their times, and how it goes on."""
    system, one = found.system, found.system.trajectories[index]
    chosen = np.unique(np.linspace(0, len(one.t) - 1, min(len(one.t), SHOWN)).astype(np.intp))
    states = len(system.states)
    facts: dict[str, Any] = {
        "name": one.name,
        "t": one.t[chosen].tolist(),
        "measured": one.states[chosen, :states].T.tolist(),
        "integrated": None,
        "forecast": None,
        "rmse": None,
    }
    if not whole:
        return facts
    laws = [motion.law for motion in found.motions]
    rest = parameters_of(system, one)
    solution = integrated(laws, found.starts[index], one.t, rest, found.order)
    if solution is None:
        return facts
    left = np.sqrt(np.mean((solution[:, :states] - one.states[:, :states]) ** 2, axis=0))
    facts |= {
        "integrated": solution[chosen, :states].T.tolist(),
        "rmse": [value if math.isfinite(value) else None for value in left.tolist()],
    }
    reach = FORECAST * float(one.t[-1] - one.t[0])
    ahead = np.linspace(float(one.t[-1]), float(one.t[-1]) + reach, SHOWN // 4)
    future = integrated(laws, solution[-1], ahead, rest, found.order)
    if future is not None:
        facts["forecast"] = {"t": ahead.tolist(), "states": future[:, :states].T.tolist()}
    return facts
