"""All relations of a table, each once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kancli.relations.dependence import dependence, groups_of, holm
from kancli.relations.implicit import implicit_relation
from kancli.relations.law import CLAIMED, How, Law, dependent, inputs_for, law_for, unexplained
from kancli.relations.value import Independence, Relation, Relations
from kancli.stages.progress import Progress
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]

# The chance that any column is called dependent where none is.
SIZE = 0.05
# Seconds per target for what needs no network, and per search with networks; both less where the time is short.
QUICK_SECONDS, NETWORK_SECONDS = 20.0, 60.0
# A column that differs so much between nearest neighbours is no function of the others: no network is trained for it.
FUNCTION = 0.35
# Columns of one polynomial at most.
MOST_COLUMNS = 6


@dataclass
class Found:
    """What is known while the search goes on: laws by target and inputs, so that none is looked for twice."""

    laws: dict[tuple[int, tuple[int, ...], bool, bool], Law | None] = field(default_factory=dict)


def find_relations(
    names: Sequence[str], values: Array, how: How, *, seconds: float, began: float | None = None
) -> Relations:
    """The relations among the columns of values (n, columns ≥ 2), none of them constant.

    Ends `seconds` after `began`; the groups whose laws have not been found by then are named as dependent.
    """
    deadline = (time.monotonic() if began is None else began) + seconds
    first = dependence(values, SIZE, how.seed)
    adjusted = holm(first.p)
    linked = [k for k in range(len(names)) if adjusted[k] <= SIZE]
    # A column whose partners are not significant by themselves depends on the closest of them all the same.
    alone = [j for j in linked if first.links[j] and not set(first.links[j]) & set(linked)]
    active = sorted({*linked, *(first.links[j][0] for j in alone)})
    groups = groups_of([first.links[j] if j in linked else () for j in range(len(names))], active)
    grouped = {k for group in groups for k in group}
    found, relations = Found(), list[Relation]()
    for number, group in enumerate(groups):
        share = (deadline - time.monotonic()) / (len(groups) - number)
        relations += in_group(names, values, group, first.links, how, time.monotonic() + share, found)
    tests = tuple(
        Independence(name, float(first.p[k]), float(adjusted[k]), k in grouped)
        for k, name in enumerate(names)
    )
    return Relations(
        tuple(names),
        len(values),
        tests,
        tuple(tuple(names[k] for k in group) for group in groups),
        tuple(relations),
        SIZE,
        first.permutations,
    )


def in_group(
    names: Sequence[str],
    values: Array,
    group: Sequence[int],
    links: Sequence[Sequence[int]],
    how: How,
    deadline: float,
    found: Found,
) -> list[Relation]:
    """The relations of one group of columns: the one that saves most first, its target set aside, and so on."""
    left, relations = list(group), list[Relation]()
    while len(left) > 1:
        taken = best_relation(names, values, left, links, how, deadline, found)
        if taken is None:
            break
        relation, gone = taken
        relations.append(relation)
        how.report(Progress("relations", len(relations), None, None, relation.r2, relation.text))
        members = [k for k in left if names[k] in relation.columns]
        left.remove(set_aside(values, members, gone, how.seed) if relation.kind == "exact" else gone)
        if len(left) > 1:
            # There may be as many of these tests as columns: together they are of the same size.
            size = SIZE / len(names)
            again = dependence(values[:, left], size, how.seed)
            still = {left[i] for i, p in enumerate(holm(again.p)) if p <= size}
            links = [
                [left[i] for i in again.links[left.index(k)]] if k in still else [] for k in range(len(names))
            ]
            parts = groups_of(links, left)
            if len(parts) != 1 or len(parts[0]) < len(left):
                for part in parts:
                    relations += in_group(names, values, part, links, how, deadline, found)
                return relations
    if len(left) > 1:
        relations.append(dependent([names[k] for k in left]))
    return relations


def best_relation(
    names: Sequence[str],
    values: Array,
    left: Sequence[int],
    links: Sequence[Sequence[int]],
    how: How,
    deadline: float,
    found: Found,
) -> tuple[Relation, int] | None:
    """The relation among some columns that saves most bits, and the column that is then set aside."""
    known = neighbours(links, left)
    laws = []
    for target in left:
        for inputs in choices(values, target, known[target]):
            law = looked_up(names, values, target, inputs, how, deadline, found)
            if law is not None and law.relation.kind in CLAIMED:
                laws.append(law)
                break
    implicit = implicit_in(names, values, left, how.seed)
    best = max(laws, key=lambda law: law.saved, default=None)
    if implicit is not None and (best is None or shorter(implicit[0], best)):
        return implicit
    if best is None:
        laws = squares(names, values, left, known, how, deadline, found)
        laws = laws or by_networks(names, values, left, known, how, deadline, found)
        best = max(laws, key=lambda law: law.saved, default=None)
    return None if best is None else (best.relation, best.target)


def set_aside(values: Array, members: Sequence[int], target: int, seed: int) -> int:
    """The column that an exact relation of `members` makes superfluous: the one without which the others are the
    least dependent on each other, since what was computed from them is not; its target where that is as good."""
    if len(members) < 3:
        return target

    def least(gone: int) -> float:
        rest = [k for k in members if k != gone]
        return float(holm(dependence(values[:, rest], SIZE, seed).p).min())

    chances = {k: least(k) for k in members}
    if chances[target] > SIZE:
        return target
    return max(members, key=lambda k: (chances[k], k == target))


def shorter(implicit: Relation, law: Law) -> bool:
    """Whether an implicit relation says the same as a law in fewer nodes, or what that only approximates."""
    return law.relation.kind != "exact" or (implicit.complexity or 0) < (law.relation.complexity or 0)


def neighbours(links: Sequence[Sequence[int]], left: Sequence[int]) -> dict[int, list[int]]:
    """The columns that each is linked with, in either direction, the closest first; then the others of the group."""
    near = {}
    for j in left:
        own = [k for k in links[j] if k in left]
        own += [k for k in left if k not in own and j in links[k] and k != j]
        near[j] = own
    return near


def choices(values: Array, target: int, linked: Sequence[int]) -> list[tuple[int, ...]]:
    """Sets of inputs to search among: those that seem to matter, then all that are linked."""
    if not linked:
        return []
    few, every = inputs_for(values, target, linked), tuple(linked[:MOST_COLUMNS])
    return [few] if set(few) == set(every) else [few, every]


def looked_up(
    names: Sequence[str],
    values: Array,
    target: int,
    inputs: Sequence[int],
    how: How,
    deadline: float,
    found: Found,
    *,
    squared: bool = False,
    networks: bool = False,
) -> Law | None:
    """`law_for`, once for the same columns; None where the time is over."""
    key = (target, tuple(sorted(inputs)), squared, networks)
    if key not in found.laws:
        seconds = min(NETWORK_SECONDS if networks else QUICK_SECONDS, deadline - time.monotonic())
        if seconds <= 0:
            return None
        found.laws[key] = law_for(
            names, values, target, sorted(inputs), how, seconds, squared=squared, networks=networks
        )
    return found.laws[key]


def squares(
    names: Sequence[str],
    values: Array,
    left: Sequence[int],
    known: dict[int, list[int]],
    how: How,
    deadline: float,
    found: Found,
) -> list[Law]:
    """Laws for the squares of columns of both signs: of what is a function up to its sign."""
    laws = []
    for target in left:
        column = values[:, target]
        if not (column.min() < 0 < column.max()) or not known[target]:
            continue
        inputs = tuple(known[target][:MOST_COLUMNS])
        if unexplained(values[:, list(inputs)], column**2) > FUNCTION:
            continue
        law = looked_up(names, values, target, inputs, how, deadline, found, squared=True)
        if law is not None and law.relation.kind in CLAIMED:
            laws.append(law)
    return laws


def by_networks(
    names: Sequence[str],
    values: Array,
    left: Sequence[int],
    known: dict[int, list[int]],
    how: How,
    deadline: float,
    found: Found,
) -> list[Law]:
    """The law of the column that seems most to be a function of others, by the whole search; the next, if none."""
    tried = []
    for target in left:
        for inputs in choices(values, target, known[target]):
            share = unexplained(values[:, list(inputs)], values[:, target])
            if share <= FUNCTION:
                tried.append((share, target, inputs))
    for _, target, inputs in sorted(tried):
        law = looked_up(names, values, target, inputs, how, deadline, found, networks=True)
        if law is not None and law.relation.kind in CLAIMED:
            return [law]
    return []


def implicit_in(
    names: Sequence[str], values: Array, left: Sequence[int], seed: int
) -> tuple[Relation, int] | None:
    """The polynomial that vanishes on every row, and its column of the highest degree, the last of those."""
    if len(left) > MOST_COLUMNS:
        return None
    columns = list(left)
    implicit = implicit_relation(values[:, columns], np.random.default_rng(seed))
    if implicit is None or len(implicit.members) < 2:
        return None
    safe = [safe_names(names)[k] for k in columns]
    degree = {k: max(monomial.count(k) for monomial, _ in implicit.terms) for k in implicit.members}
    gone = max(implicit.members, key=lambda k: (degree[k], k))
    relation = Relation(
        tuple(names[columns[k]] for k in implicit.members),
        f"{render(implicit.left, safe)} = {render(implicit.right, safe)}",
        "exact",
        complexity=implicit.complexity,
    )
    return relation, columns[gone]
