"""The ledger of a search: all candidates, the networks trained on the way, and when it is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.search.candidate import Candidate
from kancli.search.ties import first_shortest
from kancli.search.trained import Slim, Trained
from kancli.symbolic.formula import Formula

# A batch that shortens the description by fewer bits than this was in vain; after so many of them in a row what
# explains everything is taken, even if its constants are not those of a law.
WORTHWHILE = 10.0
MOST_VAIN, MOST_VAIN_IN_NOISE = 2, 1
# While what is found does not obey what is known of the curve, so many.
MOST_DISOBEDIENT = 6
# Stages whose formulas were not read off a network.
WITHOUT_NETWORK = frozenset({"factors", "lowrank", "plain", "powers", "quotients", "start"})


@dataclass
class Ledger:
    """What a search has led to so far; the only value of it that changes.

    `candidates` have been judged, `heard` may still wait for that. `trained` and `slims` are the networks of the
    table, `fresh` those of this round; `training`: more of them may come. `tables`: the keys of the rewritten
    tables that were searched. `obeys`: whether a formula is as what is known of the curve. `road`: in the end, the
    versions that lead to the formula taken, each with its data.
    """

    candidates: list[Candidate] = field(default_factory=list)
    heard: list[Candidate] = field(default_factory=list)
    trained: list[Trained] = field(default_factory=list)
    fresh: list[Trained] = field(default_factory=list)
    slims: list[Slim] = field(default_factory=list)
    tables: list[tuple[object, ...]] = field(default_factory=list)
    training: bool = True
    settled: bool = False
    obeys: Callable[[Formula], bool] | None = None
    vain: int = 0
    refusals: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    road: list[tuple[Checkpoint, Dataset]] = field(default_factory=list)

    @property
    def best(self) -> Candidate:
        """The candidate with the shortest description. Raises ValueError where there is none."""
        return first_shortest(self.candidates, lambda c: c.bits)

    @property
    def best_so_far(self) -> Candidate | None:
        """The same with those that have not been judged yet: what there is when the search is interrupted."""
        known = [*self.candidates, *self.heard]
        return first_shortest(known, lambda c: c.bits) if known else None

    @property
    def network(self) -> float | None:
        """The share of the target's variance, on held-out rows, that the best network leaves; None without one."""
        return min((t.error**2 for t in self.trained), default=None)

    def judge(self, made: Sequence[Candidate]) -> None:
        """Take in a batch of candidates, and notice whether it was in vain."""
        before = self.best.bits if self.candidates else None
        self.candidates += made
        if self.candidates:
            in_vain = before is not None and self.best.bits > before - WORTHWHILE
            self.vain = self.vain + 1 if in_vain else 0

    @property
    def satisfied(self) -> bool:
        """The one rule by which a search stops: the best candidate explains everything, and is a law, or was found in
        two ways, or nothing better has come for a while."""
        if not self.candidates or not (best := self.best).explains:
            return False
        if self.obeys is not None and not self.obeys(best.formula) and self.vain < MOST_DISOBEDIENT:
            return False
        most = MOST_VAIN if best.exact else MOST_VAIN_IN_NOISE
        return self.settled or best.plain or self.vain >= most or self.found_twice(best)

    def found_twice(self, best: Candidate) -> bool:
        """Whether both a network and a fit without one have led to this formula."""
        stages = {c.base.stage for c in self.candidates if c.formula.text == best.formula.text}
        return bool(stages & WITHOUT_NETWORK) and bool(stages - WITHOUT_NETWORK)
