"""The formula that a search in a sample has chosen, as all rows of the table have it.

Where all rows show what the sample did not, more accurate formulas of the front are fitted to them as well, and the
shortest description of all rows is taken.
"""

from __future__ import annotations

import time
from dataclasses import replace

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate
from kancli.search.choice.front import Faults, Member, Selected, adopt, no_faults
from kancli.search.clock import Clock
from kancli.stages.judging.verdict import EXACT, STRUCTURE, Judged, Known, at_rounding, verdict_on
from kancli.stages.whole.formula import OfAllRows, of_all_rows
from kancli.symbolic.constants.length import exact_bits, nodes_of
from kancli.symbolic.description import described, resolved

# Passes over all rows that time is kept for, and the share of what is left that they may have.
PASSES, MOST = 8, 0.5
# A pass does arithmetic beside reading.
ARITHMETIC = 1.5
# Formulas beside the chosen one that are fitted to all rows.
ALTERNATIVES = 3


def without_passes(clock: Clock, table: Dataset) -> Clock:
    """The clock of the search, which leaves time for passes over all rows."""
    if table.whole is None:
        return clock
    left = max(clock.deadline - time.monotonic(), 0.0)
    kept = min(PASSES * ARITHMETIC * table.whole.seconds, MOST * left)
    return replace(clock, deadline=clock.deadline - kept)


def on_all_rows(
    selected: Selected,
    table: Dataset,
    options: FitOptions,
    clock: Clock,
    network: float | None,
    *,
    faults: Faults = no_faults,
) -> Selected:
    """The same with its formula, figures and verdict from all rows of the table, of which it holds a sample."""
    assert table.whole is not None
    sample, seconds = replace(table, whole=None), ARITHMETIC * table.whole.seconds

    def more() -> bool:
        # Two more passes come after the last step, for what is cut and for the lack of fit.
        return clock.record.again is not None or time.monotonic() + 3 * seconds < clock.deadline

    tails = options.loss == "auto"
    chosen, taken = selected.chosen, selected.candidate
    here = of_all_rows(taken.formula, table, more, tails=tails)
    if (
        options.select == "mdl"
        and here.chance < STRUCTURE
        and not at_rounding(here.formula, sample, here.mse)
    ):
        for member in alternatives(selected):
            if not more():
                break
            other = adopt(selected.candidates[member.candidate], member, sample, options, faults)
            there = of_all_rows(other.formula, table, more, tails=tails)
            if length(there, table) < length(here, table):
                chosen, taken, here = member, other, there
    candidate: Candidate = replace(taken, formula=here.formula)
    known = Known(here.rows, here.chance, here.unexplained, here.mse)
    others = replace(selected, chosen=chosen).rivals
    verdict = verdict_on(Judged(here.formula, chosen.bits), others, sample, network, known)
    front = selected.front if chosen in selected.front else (*selected.front, chosen)
    return replace(
        selected,
        candidate=candidate,
        chosen=chosen,
        front=front,
        verdict=verdict,
        remarks=(*selected.remarks, *here.remarks),
        facts=here.facts,
    )


def alternatives(selected: Selected) -> list[Member]:
    """More accurate formulas than the chosen one, under additive errors, the shortest descriptions first."""
    chosen = selected.chosen
    better = [
        m
        for m in selected.everything
        if m is not chosen
        and m.formula.errors is None
        and (m.error < chosen.error or m.bits < chosen.bits)
        and len(m.faults) <= len(chosen.faults)
    ]
    return sorted(better, key=lambda m: m.bits)[:ALTERNATIVES]


def length(found: OfAllRows, table: Dataset) -> float:
    """The description length of all rows by a formula with errors of one size."""
    assert table.whole is not None
    spread = table.whole.deviation or 1.0
    mse = resolved(max(found.mse, (EXACT * spread) ** 2) ** 0.5 / spread)
    expression = found.formula.expression
    return described(
        mse, found.rows, found.formula.constant_bits, exact_bits(expression), nodes_of(expression)
    )
