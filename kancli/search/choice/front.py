"""One front of formulas from all attempts of a search, and the member of it to believe.

A member is better when it is shorter or nearer to the data; the front holds those that nothing beats in both.
Which of them to take is a matter of taste, so it can be asked for; the default is the shortest description of
formula and data together (Rissanen 1978), as everywhere in kancli.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.attempt import EXACT, Attempt, measure
from kancli.stages.formulas import facts_of_formula, falls_short
from kancli.symbolic.expression import constants
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.formula import finish, write
from kancli.symbolic.reading.assignment import ROUNDING, description_bits
from kancli.symbolic.text.parser import parse

# A longer formula must lower the error to this share at least to be worth a place on the front.
WORTH_MORE = 0.99
# Held-out errors nearer than this share are the same.
EQUAL = 1.01
# Formulas on the front that are kept.
MOST = 20

LAST_STAGE = "symbolify"


@dataclass(frozen=True)
class Member:
    """One formula: `attempt` is the position of the attempt that has it, `own` whether it is that attempt's
    formula; else it was tried on the way and `edges` says what its edges were.

    `error` and `held_out` are in units of the target's deviation; `bits` its description length; `faults`
    what speaks against it whatever its error (units that do not add up).
    """

    attempt: int
    own: bool
    formula: str
    complexity: int
    r2: float | None
    r2_validation: float | None
    rmse: float
    error: float
    held_out: float
    bits: float
    edges: Sequence[Mapping[str, Any]] | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selected:
    """The attempt whose formula is the chosen one, its checkpoints saying so, and what to tell the user."""

    attempt: Attempt
    front: tuple[Member, ...]
    remarks: tuple[str, ...]


Faults = Callable[[str], tuple[str, ...]]
"""What speaks against a formula (its text)."""


def no_faults(formula: str) -> tuple[str, ...]:
    """The check of someone who knows of none."""
    return ()


def select(
    best: Attempt,
    attempts: Sequence[Attempt],
    dataset: Dataset,
    options: FitOptions,
    *,
    faults: Faults = no_faults,
) -> Selected:
    """The member of the merged front that `options.select` and `options.max_complexity` ask for.

    `best` is the attempt that the search itself would take: it stands unless something else is asked for.
    Members with faults come last. Where nothing is short enough the shortest is taken and a remark says so.
    """
    attempts = [best, *(a for a in attempts if a is not best)]
    everything = members(attempts, dataset, faults)
    allowed, remarks = admitted(everything, options)
    chosen = choose(allowed, options.select)
    front = pareto(everything, keep=chosen)
    taken = adopt(attempts[chosen.attempt], chosen, dataset, options, faults)
    facts = taken.facts
    entries = as_entries(front, chosen, facts)
    metadata = {**facts, "front": entries, "remarks": [*facts.get("remarks", ()), *remarks]}
    last = replace(taken.checkpoints[LAST_STAGE], metadata=metadata)
    checkpoints = {**taken.checkpoints, LAST_STAGE: last}
    return Selected(replace(taken, checkpoints=checkpoints), front, tuple(remarks))


def members(attempts: Sequence[Attempt], dataset: Dataset, faults: Faults = no_faults) -> list[Member]:
    """Every formula of every attempt once, the attempts' own first."""
    names = safe_names(dataset.inputs)
    rows = len(dataset.y)
    spread = float(dataset.y.std()) or 1.0
    found: dict[str, Member] = {}
    entries = [
        (number, entry)
        for number, a in enumerate(attempts)
        for entry in (*_own(a), *a.facts.get("front", ()))
    ]
    for number, entry in sorted(entries, key=lambda pair: not pair[1]["chosen"]):
        formula, rmse = str(entry["formula"]), entry["rmse"]
        if formula in found or rmse is None:
            continue
        error = float(rmse) / spread
        free = len(constants(parse(formula, names)))
        held_out = entry.get("r2_validation")
        held_out = entry["r2"] if held_out is None else held_out
        found[formula] = Member(
            number,
            bool(entry["chosen"]),
            formula,
            int(entry["complexity"]),
            entry["r2"],
            entry.get("r2_validation"),
            float(rmse),
            error,
            math.sqrt(max(1 - held_out, 0.0)) if held_out is not None else error,
            description_bits(error, rows, free, int(entry["complexity"])),
            entry.get("edges"),
            faults(formula),
        )
    return list(found.values())


def _own(attempt: Attempt) -> list[Mapping[str, Any]]:
    """The attempt's own formula as an entry of a front."""
    facts = attempt.facts
    keys = ("formula", "complexity", "r2", "r2_validation", "rmse")
    return [{**{key: facts.get(key) for key in keys}, "chosen": True}]


def admitted(everything: Sequence[Member], options: FitOptions) -> tuple[list[Member], list[str]]:
    """The members that may be chosen, and remarks on what could not be had."""
    most = most_complex(options)
    remarks = []
    sound = [m for m in everything if not m.faults]
    if not sound:
        remarks.append(f"units: no formula adds up; of this one: {'; '.join(everything[0].faults)}")
        sound = list(everything)
    short = [m for m in sound if most is None or m.complexity <= most]
    if not short:
        short = [min(sound, key=lambda m: (m.complexity, m.error))]
        remarks.append(f"no formula of complexity {most} was found: this is the shortest there is")
    return short, remarks


def most_complex(options: FitOptions) -> int | None:
    """The largest complexity allowed, by either of the two options that say so."""
    bounds = [options.max_complexity] if options.max_complexity is not None else []
    if (bound := bound_of(options.select)) is not None:
        bounds.append(bound)
    return min(bounds, default=None)


def bound_of(criterion: str) -> int | None:
    """12 of `complexity<=12`."""
    found = re.fullmatch(r"complexity<=(\d+)", criterion)
    return int(found[1]) if found else None


def choose(allowed: Sequence[Member], criterion: str) -> Member:
    """The member that a criterion takes; by `mdl` the first one, the search's own choice, if that is allowed."""
    if criterion == "mdl":
        first = allowed[0]
        if first.own and first.attempt == 0:
            return first
        return min(allowed, key=lambda m: m.bits)
    if criterion == "knee":
        return knee(pareto(allowed))
    least = min(m.held_out for m in allowed)
    near = [m for m in allowed if m.held_out <= EQUAL * least + EXACT]
    return min(near, key=lambda m: (m.complexity, m.held_out))


def knee(front: Sequence[Member]) -> Member:
    """The member farthest below the chord of complexity against the logarithm of the error.

    Satopää et al., "Finding a 'kneedle' in a haystack" (2011). Where the front is a chord, by bits.
    """
    first, last = front[0], front[-1]
    width = last.complexity - first.complexity
    height = _log(first.error) - _log(last.error)
    if len(front) < 3 or width <= 0 or height <= 0:
        return min(front, key=lambda m: m.bits)

    def below(member: Member) -> float:
        gained = (_log(first.error) - _log(member.error)) / height
        return gained - (member.complexity - first.complexity) / width

    return max(front, key=lambda m: (below(m), -m.complexity))


def _log(error: float) -> float:
    return math.log2(math.hypot(error, ROUNDING))


def pareto(everything: Sequence[Member], keep: Member | None = None) -> tuple[Member, ...]:
    """Members that no shorter or equally short one equals in error, shortest first; `keep` is among them.

    A member with faults is beaten by one without, but does not beat one.
    """
    front: list[Member] = []
    for member in sorted(everything, key=lambda m: (m.complexity, bool(m.faults), m.error, not m.own)):
        rivals = [m for m in front if member.faults or not m.faults]
        nearest = min((m.error for m in rivals), default=math.inf)
        if member is keep or (nearest > EXACT and member.error < WORTH_MORE * nearest):
            front.append(member)
    if keep is not None:  # what keep beats in both has no place beside it
        front = [
            m
            for m in front
            if m is keep
            or m.complexity < keep.complexity
            or m.error < WORTH_MORE * keep.error
            or (keep.faults and not m.faults)
        ]
    if len(front) > MOST:
        front = sorted(front, key=lambda m: (m is not keep, m.bits))[:MOST]
        front.sort(key=lambda m: m.complexity)
    return tuple(front)


def adopt(
    attempt: Attempt, member: Member, dataset: Dataset, options: FitOptions, faults: Faults = no_faults
) -> Attempt:
    """The attempt with this member as its formula: exact constants, r², constants and edges all of it.

    Constants stay as they are where exact ones would bring faults: 1.002·sin(0.998·x) may have units, sin(x) not.

    Raises FitError as `symbolic.formula.finish` does.
    """
    if member.own:
        return attempt
    facts = attempt.facts
    expression = parse(member.formula, safe_names(dataset.inputs))
    how: dict[str, Any] = {
        "inputs": dataset.inputs,
        "target": dataset.target,
        "validation": dataset.validation,
        "weight": dataset.weight,
    }
    formula = finish(
        expression, dataset.x, dataset.y, snapping=options.snap, seconds=options.simplify_seconds, **how
    )
    worse = formula.complexity > member.complexity or (formula.rmse or 0.0) * WORTH_MORE > member.rmse
    if worse or (faults(formula.text) and not member.faults):
        # Exact constants may be longer to write, or give away the accuracy for which it was taken.
        formula = write(expression, dataset.x, dataset.y, **how)
    written = facts_of_formula(formula, dataset)
    numbers = facts.get("metrics") or {}
    metadata = {
        **facts,
        **written,
        "edges": [dict(edge) for edge in member.edges or ()],
        "remarks": falls_short(written["r2"], numbers.get("r2")),
    }
    error, bits = measure(metadata, dataset)
    last = replace(attempt.checkpoints[LAST_STAGE], metadata=metadata)
    return replace(attempt, checkpoints={**attempt.checkpoints, LAST_STAGE: last}, error=error, bits=bits)


def as_entries(front: Sequence[Member], chosen: Member, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The front for metadata; the chosen member as it was written in the end."""
    entries = []
    for member in front:
        entry: dict[str, Any] = {
            "formula": member.formula,
            "complexity": member.complexity,
            "r2": member.r2,
            "r2_validation": member.r2_validation,
            "rmse": member.rmse,
            "chosen": member is chosen,
        }
        if member is chosen:
            entry |= {key: facts[key] for key in ("formula", "complexity", "r2", "r2_validation", "rmse")}
        if member.faults:
            entry["faults"] = list(member.faults)
        entries.append(entry)
    return sorted(entries, key=lambda e: (e["complexity"], e["rmse"]))
