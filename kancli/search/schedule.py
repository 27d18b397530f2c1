"""From a table to a formula without a width: shapes in waves, the first that explains everything wins."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import EXACT, PROMISING, Attempt, Slim, Trained, read, slim
from kancli.search.inputs.combine import fewer_inputs, single_number
from kancli.search.inputs.relevance import only_relevant, with_all_inputs
from kancli.search.inputs.rewritten import Derived, restored
from kancli.search.inputs.sample import sampled
from kancli.search.networks.architectures import FEW, merged_waves, waves
from kancli.search.networks.groups import groups_of
from kancli.search.steps import MOST_READ, Search, in_powers, read_all, read_wave, slim_all, train_all
from kancli.search.ties import first_shortest
from kancli.stages.progress import Report

# When no shape converges, those within this factor of the best error are read, this many at most.
COMPARABLE = 1.2
# A pruned graph with more edges an input than this is hard to read: richer shapes may say the same in fewer.
EDGES_PER_INPUT, MORE_EDGES = 2, 4
# Of so few inputs, also graphs that do not converge are looked at: the law may be among them, its splines hindered by
# a root's singularity. Graphs of a wave that are looked at, at most.
MOST_LOOKS = 8
# The waves of shapes after whose training one number is looked for that says it all, and inputs that belong together.
NUMBER_AFTER, COMBINE_AFTER = 0, (1, 2)
# Networks so many times better than when they were asked last are asked again for combinations.
BETTER = 2.0
# Share of the time after which no more shapes are trained.
TRAINING = 0.6
# Share of the time that the waves may take: the rest is for the nearest shapes where none holds the law.
WAVES = 0.75
# Share of the time that is kept for fitting constants to all rows when only some were searched.
ALL_ROWS = 0.1
# Seconds beyond the limit for a last, plain formula when nothing was found within it.
GRACE = 3.0
# A wave that shortens the description by fewer bits than this was in vain; after so many of them in a row what
# explains everything is taken, even if its constants are not those of a law.
WORTHWHILE = 10.0
MOST_VAIN, MOST_VAIN_IN_NOISE = 2, 1


def fit(
    dataset: Dataset,
    options: FitOptions,
    *,
    seed: int,
    jobs: int,
    deadline: float,
    report: Report,
    found: Callable[[Attempt], None] = lambda _: None,
) -> tuple[Attempt, tuple[Attempt, ...]]:
    """The best attempt and all attempts, in the order in which they were made.

    `found` hears of every attempt as it is made: what there is when the search is interrupted. The result does
    not depend on `jobs` unless `deadline` (monotonic seconds) is reached. Raises FitError when not one
    shape could be trained in time.
    """
    began = time.monotonic()
    attempts = searched(Search(dataset, options, seed, jobs, report, found, began, deadline))
    if not attempts:
        raise FitError("no shape could be trained in the time allowed", "give it more with --time-limit")
    return best_of(attempts), tuple(attempts)


def searched(search: Search) -> list[Attempt]:
    """All attempts up to the first wave that explains everything, or to the end of the time."""
    attempts: list[Attempt] = []
    some = sampled(search.dataset, search.seed)
    if some is not None:
        attempts += attempts_in_rows(search, some)
        if any(a.explains for a in attempts) or (attempts and not time_for_more(search)):
            return attempts
    trained: list[Trained] = []
    slims: list[Slim] = []
    vain = 0
    for made in attempts_of(search, trained, slims):
        before = best_of(attempts) if attempts else None
        attempts += made
        if not attempts:
            continue
        best = best_of(attempts)
        vain = vain + 1 if before is not None and best.bits > before.bits - WORTHWHILE else 0
        enough = MOST_VAIN if best.error <= EXACT else MOST_VAIN_IN_NOISE
        if best.explains and (best.plain or vain >= enough or found_twice(best, attempts)):
            return attempts
        if not time_for_more(search):
            break
    return attempts + fall_back(search, trained, slims, attempts)


def found_twice(best: Attempt, attempts: Sequence[Attempt]) -> bool:
    """Whether both a network and a sum of powers have led to this formula."""
    stages = {
        a.checkpoints["symbolify"].stage for a in attempts if a.facts["formula"] == best.facts["formula"]
    }
    return "powers" in stages and len(stages) > 1


def time_for_more(search: Search) -> bool:
    """Whether another wave may be begun."""
    return search.left() >= (1 - WAVES) * (search.deadline - search.began)


def attempts_in_rows(search: Search, some: Derived) -> list[Attempt]:
    """The best attempts of a search in some of the rows, their constants fitted to all rows.

    Where it is interrupted, that with the best formula so far.
    """
    search.tell(f"in {len(some.dataset.y)} of {len(some.table.y)} rows")
    so_far: list[Attempt] = []
    inner = replace(
        search,
        dataset=some.dataset,
        found=so_far.append,
        deadline=search.deadline - ALL_ROWS * (search.deadline - search.began),
    )

    def on_all_rows(attempts: Sequence[Attempt], seconds: float) -> list[Attempt]:
        made = []
        for one in sorted(attempts, key=lambda a: a.bits):
            attempt = restored(one, some, search.options, search.seed, seconds)
            if attempt is not None:
                made.append(attempt)
                search.found(attempt)
                search.tell(str(attempt.facts["formula"]), attempt.error)
            if len(made) == MOST_READ:
                break
        return made

    try:
        attempts = searched(inner)
    except BaseException:  # interrupted: what there is by now is worth keeping
        if so_far:
            on_all_rows([best_of(so_far)], 0.0)
        raise
    return on_all_rows(attempts, max(search.left(), 0.0))


def attempts_of(
    search: Search,
    trained: list[Trained],
    slims: list[Slim],
    *,
    combine: bool = True,
    blurred: bool = False,
) -> Iterator[list[Attempt]]:
    """The attempts of each wave of shapes; `trained` and `slims` get what was made on the way.

    `combine`: look for inputs that can be combined, which makes everything after them simpler. `blurred`: what
    networks leave of the target is noise, and sums of powers are looked for also where there is a single input.
    """
    enough = search.began + TRAINING * (search.deadline - search.began)
    inputs = len(search.dataset.inputs)
    put_off: list[Slim] = []
    alone: Derived | None = None
    asked = math.inf
    # Of one input splines show all there is, unless noise blurs it.
    waiting = in_powers(search) if inputs > 1 or blurred else []
    if any(a.error <= EXACT for a in waiting):
        yield waiting
    for number, shapes in enumerate(waves(inputs)):
        new = train_all(search, shapes, enough)
        trained += new
        if combine and number <= COMBINE_AFTER[0] and trained and inputs > 1:
            fewer = only_relevant(search, trained)
            if fewer is not None:
                yield attempts_without(search, fewer)
        if combine and number == NUMBER_AFTER and trained and inputs > 1:
            alone = single_number(search, trained)
            if alone is not None:
                for made in attempts_in(search, alone, trained):
                    if any(a.error <= EXACT for a in made):
                        yield made
                    waiting += made
        best = min((t.error for t in trained), default=math.inf)
        if combine and number in COMBINE_AFTER and BETTER * best <= asked and trained:
            asked = best
            simpler = fewer_inputs(search, trained, enough)
            if simpler is not None and alone is not None and simpler.same_as(alone):
                simpler = None
            if simpler is not None:
                yield from attempts_in(search, simpler, trained)
            elif number == COMBINE_AFTER[0] and asked <= PROMISING:
                yield from merged_attempts(search, trained, slims, enough)
        # The plainest shapes are read thoroughly only when it is known that no inputs can be combined.
        made, put_off = read_promising(search, new, slims, put_off, thorough=number > 0 or inputs == 1)
        # What a sum leaves may look like noise and be a wave: it has to stand beside what networks make of it.
        yield [*made, *waiting]
        waiting = []
        if time.monotonic() >= enough:
            break


def read_promising(
    search: Search,
    new: Sequence[Trained],
    slims: list[Slim],
    put_off: Sequence[Slim] = (),
    *,
    thorough: bool = True,
) -> tuple[list[Attempt], list[Slim]]:
    """Attempts with those of newly trained shapes that may hold the law; and what is put off, best first."""
    inputs = len(search.dataset.inputs)
    # Of one input the points themselves are read, whatever the splines make of them.
    wave = slim_all(search, [t for t in new if t.hopeful or inputs == 1])
    slims += wave
    most = EDGES_PER_INPUT * inputs + MORE_EDGES
    readable = [s for s in wave if (s.edges <= most and (s.holds or inputs <= FEW)) or inputs == 1]
    readable = sorted(readable, key=lambda s: (not s.holds, s.edges, s.error))[:MOST_LOOKS]
    made = read_wave(search, readable, put_off, thorough=thorough)
    bits = {a.shape: a.bits for a in made}
    left = [] if thorough else sorted(readable, key=lambda s: bits.get(s.shape, math.inf))
    return made, left


def merged_attempts(
    search: Search, trained: list[Trained], slims: list[Slim], enough: float
) -> Iterator[list[Attempt]]:
    """Attempts with shapes in which inputs that belong together have a node of their own."""
    inputs = len(search.dataset.inputs)
    merge = groups_of(search, trained, enough)
    for shapes in merged_waves(inputs, merge) if merge else ():
        new = train_all(search, shapes, enough)
        trained += new
        yield read_promising(search, new, slims)[0]


def attempts_without(search: Search, fewer: Derived) -> list[Attempt]:
    """The attempts of a search on a table without its irrelevant inputs."""

    def found(attempt: Attempt) -> None:
        search.found(with_all_inputs(attempt, fewer))

    inner = replace(search, dataset=fewer.dataset, found=found)
    return [with_all_inputs(attempt, fewer) for attempt in searched(inner)]


def attempts_in(search: Search, simpler: Derived, trained: Sequence[Trained]) -> Iterator[list[Attempt]]:
    """Attempts on a table of combined inputs, written back into the columns of the table itself."""
    options, seed = search.options, search.seed
    inner = replace(search, dataset=simpler.dataset, found=lambda _: None)
    search.tell(f"in {', '.join(simpler.dataset.inputs)}")
    blurred = min(trained, key=lambda t: t.error).noise
    for made in attempts_of(inner, [], [], combine=False, blurred=blurred):
        back = [
            a
            for a in (restored(one, simpler, options, seed, search.left()) for one in shortest(made))
            if a is not None
        ]
        for attempt in back:
            search.found(attempt)
            search.tell(str(attempt.facts["formula"]), attempt.error)
        yield back


def shortest(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempt with the shortest description, if there is one."""
    return [best_of(attempts)] if attempts else []


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """The attempt with the shortest description of the data."""
    return first_shortest(attempts, lambda a: a.bits)


def fall_back(
    search: Search, trained: Sequence[Trained], slims: Sequence[Slim], attempts: Sequence[Attempt]
) -> list[Attempt]:
    """No small graph explains everything: a law beyond the shapes. Read those that come nearest."""
    best = min((t.error for t in trained), default=0.0)
    known = {s.shape for s in slims}
    near = sorted((t for t in trained if t.error <= COMPARABLE * best), key=lambda t: t.error)
    more = slim_all(search, [t for t in near if t.shape not in known][:MOST_READ])
    done = {a.shape for a in attempts if a.effort == "full"}
    likely = [s for s in (*slims, *more) if s.shape not in done]
    lowest = min((s.error for s in likely), default=0.0)
    likely = [s for s in likely if s.holds or s.error <= COMPARABLE * lowest]
    made = read_wave(search, sorted(likely, key=lambda s: s.edges)[:MOST_READ])
    if made or attempts or not trained:
        return made
    # Whatever the time: the nearest shape with single functions only, or else a plain additive one.
    made = read_all(search, sorted(slims, key=lambda s: s.error)[:1], "plain", GRACE)
    if made:
        return made
    plain = search.options.model_copy(
        update={"lib": ("x", "x^2"), "exclude": (), "functions": {}, "snap": False}
    )
    last = slim(trained[0], search.dataset, plain, search.seed)
    return [read(last, search.dataset, plain, search.seed, effort="plain")]
