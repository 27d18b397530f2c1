"""Sums of products of powers as a proposer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import ClassVar

from kancli.dataset import Dataset
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate
from kancli.search.ledger import Ledger
from kancli.search.powers.read import beyond_doubt, read_plain_powers, read_powers, roots, suits
from kancli.search.proposer import Proposal, announce
from kancli.search.task import Task
from kancli.search.trained import Shape


class SumsOfPowers:
    """Laws that are sums of products of powers, or a power of such a sum, in the first round.

    What such a sum leaves may look like noise and be a wave: it is judged beside what networks make of it.
    """

    name: ClassVar[str] = "powers"
    provisional: ClassVar[bool] = True

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        # Of one input splines show all there is, unless noise blurs it.
        if (task.inputs > 1 or task.blurred) and suits(task.dataset, task.options):
            yield tuple(in_powers(task, ledger))


def in_powers(task: Task, ledger: Ledger) -> list[Candidate]:
    """Candidates without a network: sums of products of powers that explain everything, up to the first exact one.

    Where there is noise, many a sum explains everything: then also those with plain exponents, of which the
    shortest is more likely to be the law.
    """
    if len(task.dataset.inputs) == 1:
        return plain_powers(task, ledger)
    made: list[Candidate] = []
    for found in each_root(task, ledger, read_powers, roots(task.dataset)):
        made += found
        if any(beyond_doubt(a) for a in found):
            return made
        if any(a.noise and not a.exact for a in found):
            break
    if any(a.noise and not a.exact for a in made):
        made += plain_powers(task, ledger)
    return made


def plain_powers(task: Task, ledger: Ledger) -> list[Candidate]:
    """Sums with plain exponents for each power of the target, up to the first that leaves no doubt."""
    made: list[Candidate] = []
    for found in each_root(task, ledger, read_plain_powers, roots(task.dataset, noisy=True)):
        made += found
        if any(beyond_doubt(a) for a in found):
            break
    return made


def each_root(
    task: Task,
    ledger: Ledger,
    read: Callable[[Dataset, FitOptions, int, Fraction], list[Candidate]],
    several: Sequence[Fraction],
) -> Iterator[list[Candidate]]:
    """What there is to read for each of several powers of the target."""
    units = [partial(read, task.dataset, task.options, task.seed, root) for root in several]
    shape = Shape(f"{len(task.dataset.inputs)},1p,1")
    for found in task.each([shape] * len(units), units):
        announce(found, task, ledger)
        yield found
