"""One front of formulas from all attempts of a search, and the choice of a member.

A member is better when it is shorter or nearer to the data; the front holds those that nothing beats in both.
Which of them to take is a matter of taste, so it can be asked for; the default is the shortest description of
formula and data together (Rissanen 1978), as everywhere in kancli.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.candidate import EXACT, Candidate, quality_of
from kancli.stages.judging.verdict import Judged, Verdict, verdict_on
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import columns_of, error_of, shown
from kancli.symbolic.description import resolved
from kancli.symbolic.expression.form_of import form_of
from kancli.symbolic.formula import Formula, finish, write

# A longer formula must lower the error to this share at least to be worth a place on the front.
WORTH_MORE = 0.99
# Held-out errors nearer than this share are the same.
EQUAL = 1.01
# Formulas on the front that are kept.
MOST = 20


@dataclass(frozen=True)
class Member:
    """One formula: `candidate` is the position of the candidate that has it, `own` whether it is that candidate's
    formula; else it was tried on the way and `edges` says what its edges were.

    `error` and `held_out` are in units of the target's deviation; `bits` its description length; `faults`
    what speaks against it whatever its error (units that do not add up); `breaks`: what is known of the curve and
    does not hold for it.
    """

    candidate: int
    own: bool
    formula: Formula
    error: float
    held_out: float
    bits: float
    edges: tuple[Mapping[str, Any], ...] | None
    faults: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()

    @property
    def complexity(self) -> int:
        """Nodes of the formula."""
        return self.formula.complexity


@dataclass(frozen=True)
class Selected:
    """The candidate whose formula was chosen, the front, and remarks for the user.

    `candidates` and `everything` are what it was chosen from, `facts` what is known better than the candidate says.
    """

    candidate: Candidate
    chosen: Member
    front: tuple[Member, ...]
    remarks: tuple[str, ...]
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    everything: tuple[Member, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rivals(self) -> list[Judged]:
        """Every formula but the chosen one."""
        return [Judged(m.formula, m.bits) for m in self.everything if m is not self.chosen]

    def road(self, table: Dataset) -> list[tuple[Checkpoint, Dataset]]:
        """The versions that lead to the formula, each with its data; the last one has the front of the search."""
        *before, (version, _) = self.candidate.road(table)
        metadata = {
            **version.metadata,
            **self.facts,
            "front": as_entries(self.front, self.chosen, self.candidate.formula),
            "remarks": [*self.candidate.remarks, *self.remarks],
            "verdict": self.verdict.metadata(),
        }
        return [*before, (replace(version, metadata=metadata), table)]


Faults = Callable[[Formula], tuple[str, ...]]
"""The objections to a formula."""


def no_faults(formula: Formula) -> tuple[str, ...]:
    """No objections."""
    return ()


def select(
    best: Candidate,
    candidates: Sequence[Candidate],
    dataset: Dataset,
    options: FitOptions,
    *,
    faults: Faults = no_faults,
    breaks: Faults = no_faults,
    network: float | None = None,
) -> Selected:
    """The member of the merged front that `options.select` and `options.max_complexity` ask for.

    `best` is the candidate that the search itself would take: it stands unless something else is asked for.
    Members with faults come last. Where nothing is short enough the shortest is taken and a remark says so. `breaks`:
    what is known of the curve and does not hold for a formula; those of which it does hold are the front, if any.
    `network`: the share of the target's variance that the best network leaves on held-out rows.
    """
    candidates = [best, *(c for c in candidates if c is not best)]
    free = members(candidates, dataset, faults, breaks)
    everything = [m for m in free if not m.breaks] or free
    allowed, remarks = admitted(everything, options)
    chosen = choose(allowed, options.select)
    remarks += price(chosen, choose(admitted(free, options)[0], options.select))
    front = pareto(without_form_of(chosen, everything), keep=chosen)
    against = faults if breaks is no_faults else lambda formula: (*faults(formula), *breaks(formula))
    taken = adopt(candidates[chosen.candidate], chosen, dataset, options, against)
    judged = Judged(taken.formula, final_bits(taken.formula, dataset))
    rivals = [Judged(m.formula, m.bits) for m in everything if m is not chosen]
    verdict = verdict_on(judged, rivals, dataset, network)
    return Selected(taken, chosen, front, tuple(remarks), verdict, tuple(candidates), tuple(everything))


def price(chosen: Member, free: Member) -> list[str]:
    """A remark on what obeying costs, beside the member that would have been chosen freely."""
    if chosen.breaks:
        return [f"no formula was found that obeys {'; '.join(chosen.breaks)}"]
    if not free.breaks:
        return []
    known = "; ".join(free.breaks)
    return [
        f"what is known costs {chosen.bits - free.bits:.1f} bits: {free.formula.text} is shorter, but {known}"
    ]


def without_form_of(chosen: Member, everything: Sequence[Member]) -> list[Member]:
    """Without the chosen formula as it is under other errors than its own."""
    if chosen.formula.errors is None:
        return list(everything)
    own = form_of(chosen.formula.expression)
    return [m for m in everything if m is chosen or form_of(m.formula.expression) != own]


def members(
    candidates: Sequence[Candidate], dataset: Dataset, faults: Faults = no_faults, breaks: Faults = no_faults
) -> list[Member]:
    """Every formula of every candidate once, the candidates' own first."""
    spread = float(dataset.y.std()) or 1.0
    found: dict[str, Member] = {}
    own = [(number, c.formula, None) for number, c in enumerate(candidates)]
    others = [(number, o.formula, o.edges) for number, c in enumerate(candidates) for o in c.others]
    for place, (number, formula, edges) in enumerate((*own, *others)):
        if formula.text in found or formula.rmse is None:
            continue
        error = formula.rmse / spread
        held_out = formula.r2 if formula.r2_validation is None else formula.r2_validation
        found[formula.text] = Member(
            number,
            place < len(own),
            formula,
            error,
            math.sqrt(max(1 - held_out, 0.0)) if held_out is not None else error,
            final_bits(formula, dataset),
            edges,
            faults(formula),
            breaks(formula),
        )
    return list(found.values())


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
    """The largest complexity allowed, by either of the two options that bound it."""
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
        if first.own and first.candidate == 0:
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
    return 0.5 * math.log2(resolved(error))


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
    candidate: Candidate, member: Member, dataset: Dataset, options: FitOptions, faults: Faults = no_faults
) -> Candidate:
    """The candidate with this member as its formula: exact constants, r², constants and edges all of it.

    Constants stay as they are where exact ones would bring faults: 1.002·sin(0.998·x) may have units, sin(x) not.

    Raises FitError as `symbolic.formula.finish` does.
    """
    if member.own:
        return candidate
    tried, how = member.formula, columns_of(dataset)
    formula = finish(
        tried.expression,
        dataset.x,
        dataset.y,
        snapping=options.snap,
        seconds=options.simplify_seconds,
        **how,
    )
    worse = formula.complexity > tried.complexity or (formula.rmse or 0.0) * WORTH_MORE > error_of(tried)
    if worse or (faults(formula) and not (member.faults or member.breaks)):
        # Exact constants may be longer to write, or give away the accuracy for which it was taken.
        formula = write(tried.expression, dataset.x, dataset.y, **how)
    return replace(
        candidate,
        formula=formula,
        quality=quality_of(formula, dataset),
        others=(),
        edges=member.edges or (),
        remarks=(),
    )


def as_entries(front: Sequence[Member], chosen: Member, formula: Formula) -> list[dict[str, Any]]:
    """The front for metadata; the chosen member as it was written in the end, as `formula`."""
    entries = []
    for member in front:
        entry = {**shown(formula if member is chosen else member.formula), "chosen": member is chosen}
        if member.faults:
            entry["faults"] = list(member.faults)
        entries.append(entry)
    return sorted(entries, key=lambda e: (e["complexity"], e["rmse"]))
