"""The scheduler: proposers in rounds, each with one unit of work per round, until the ledger is satisfied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from numpy.linalg import LinAlgError

from kancli.errors import FitError
from kancli.search.additive.proposer import AdditiveModels
from kancli.search.candidate import Candidate
from kancli.search.choice.bent import bent
from kancli.search.choice.demands import demands_of
from kancli.search.choice.errors import under_errors
from kancli.search.choice.front import select
from kancli.search.choice.units import soundness
from kancli.search.choice.whole import on_all_rows, without_passes
from kancli.search.clock import TimeIsUpError
from kancli.search.compared import compared
from kancli.search.factors.proposer import ProductsOfFactors
from kancli.search.form import GivenForm
from kancli.search.inputs.dimensionless import DimensionlessNumbers
from kancli.search.inputs.proposers import CombinedInputs, RelevantInputs, SampleOfRows, SingleVariable
from kancli.search.inputs.sample import with_all_rows
from kancli.search.ledger import Ledger
from kancli.search.lowrank.proposer import SumsOfProducts
from kancli.search.networks.proposers import NearestNetworks, PlainReading, ReadNetworks, TrainNetworks
from kancli.search.plain.proposer import PlainForms
from kancli.search.powers.proposer import SumsOfPowers
from kancli.search.proposer import Proposal, Proposer, Refused, Rewriting
from kancli.search.quotients.proposer import QuotientsOfPolynomials
from kancli.search.rows.proposers import RelativeErrors, WithoutOutliers
from kancli.search.start import GivenStart, remarks_on
from kancli.search.task import Task
from kancli.stages.judging.errors import check_asked_for
from kancli.stages.judging.tested import tested
from kancli.stages.judging.uncertainty import sure
from kancli.stages.magnitude import check_magnitude
from kancli.symbolic.library.functions import library

# In the order of a round: what is cheap, or makes the rest cheaper, comes first. A new idea is one line here.
PROPOSERS: tuple[Proposer, ...] = (
    SampleOfRows(),
    QuotientsOfPolynomials(),
    ProductsOfFactors(),
    AdditiveModels(),
    PlainForms(),
    SumsOfPowers(),
    SumsOfProducts(),
    TrainNetworks(),
    RelevantInputs(),
    SingleVariable(),
    CombinedInputs(),
    WithoutOutliers(),
    RelativeErrors(),
    ReadNetworks(),
)
# What is tried where none of them explains everything.
LAST_RESORT: tuple[Proposer, ...] = (NearestNetworks(), PlainReading(), PlainForms())

# Share of the work, and of the time, that rounds may take: the rest is for the last resort.
ROUNDS = 0.75


def find_formula(
    task: Task, ledger: Ledger | None = None, proposers: Sequence[Proposer] | None = None
) -> Ledger:
    """Search for the formula behind a table; the ledger, whose `road` ends in the version with the formula.

    Where the search is interrupted, a `ledger` that was handed in holds what there is by then. Raises FitError
    where nothing could be fitted in the time allowed, UsageError for units or a form that cannot be read,
    DataError for a target whose squares are no numbers.
    """
    check_magnitude(task.dataset)
    check_asked_for(task.dataset, task.options)
    library(
        task.options.lib, task.options.exclude, task.options.functions
    )  # an unknown name is refused at once
    ledger = Ledger() if ledger is None else ledger
    table, clock = task.dataset, task.budget.clock
    task = replace(task, dataset=replace(with_all_rows(table), whole=None)).on(without_passes(clock, table))
    sound = soundness(task.dataset, task.units, task.options)
    ledger.remarks += sound.units.remarks
    demands = demands_of(task.options, task.dataset)
    if demands.several:
        ledger.obeys = demands.obeyed
    for _ in batches(task, ledger, proposers or proposers_of(task), last_resort_of(task)):
        pass
    if not ledger.candidates:
        raise FitError("no shape could be trained in the time allowed", "give it more with --time-limit")
    ledger.candidates = under_errors(ledger.candidates, task.dataset, task.options)
    ledger.candidates += bent(ledger.candidates, demands, task.dataset, task.options)
    selected = select(
        ledger.best,
        ledger.candidates,
        task.dataset,
        task.options,
        faults=sound.faults,
        breaks=demands.broken_by,
        network=ledger.network,
    )
    ledger.remarks += remarks_on(ledger, selected.chosen.formula, selected.chosen.bits)
    if table.whole is not None:
        selected = on_all_rows(selected, table, task.options, clock, ledger.network, faults=sound.faults)
    *before, (version, _) = selected.road(table)
    version = sound.remarked(version, selected.candidate.formula)
    if len(task.options.like) > 1:
        forms = compared(ledger.candidates, task.dataset, selected.chosen.formula.text)
        version = replace(version, metadata={**version.metadata, "forms": forms})
    version = replace(
        version,
        metadata={
            **version.metadata,
            **sure(version.metadata, task.dataset),
            "test": tested(version.metadata, table),
        },
    )
    if ends := task.budget.clock.record.ends:
        version = replace(version, metadata={**version.metadata, "ended_after": list(ends)})
    ledger.road = [*before, (version, table)]
    return ledger


def proposers_of(task: Task) -> Sequence[Proposer]:
    """The proposers that a task is given to: a form of the user's leaves nothing to search, and units first make it
    smaller."""
    if task.options.like:
        return (GivenForm(),)
    several = (DimensionlessNumbers(),) if task.options.units == "reduce" else PROPOSERS
    return several if task.options.start is None else (GivenStart(), *several)


def last_resort_of(task: Task) -> Sequence[Proposer]:
    """What is tried at the end: nothing beside a form of the user's, or in units that do not add up."""
    return LAST_RESORT if not task.options.like and task.options.units != "reduce" else ()


def batches(
    task: Task, ledger: Ledger, proposers: Sequence[Proposer], last_resort: Sequence[Proposer] = ()
) -> Iterator[list[Candidate]]:
    """Batches of candidates, each judged by the ledger before it is yielded, until that is satisfied.

    One proposal per proposer and round. A rewriting is a search of its own, whose batches are judged here as well.
    """
    clock = task.budget.clock
    yield from rounds(task.on(clock.until(ROUNDS)), ledger, proposers, ROUNDS)
    for proposer in last_resort:  # each has its turn, whatever the time and whatever became of the one before
        if not ledger.satisfied:
            yield from rounds(task.on(clock.until(1.0)), ledger, [proposer], None)


def rounds(
    task: Task, ledger: Ledger, proposers: Sequence[Proposer], share: float | None
) -> Iterator[list[Candidate]]:
    """The same for one set of proposers, until the clock rings or that share of the work is done; None: whatever has
    been done."""
    clock = task.budget.clock
    running = [(proposer, proposer.propose(task, ledger)) for proposer in proposers]
    while running:
        waiting: list[Candidate] = []
        for proposer, proposals in list(running):
            try:
                if share is not None:
                    clock.check()
                proposal = next(proposals, None)
            except TimeIsUpError:
                running.clear()
                break
            except (ArithmeticError, LinAlgError) as problem:  # numbers beyond float64: others may do without
                proposal = (Refused(f"{proposer.name}: {problem}"),)
                running.remove((proposer, proposals))
            if proposal is None:
                running.remove((proposer, proposals))
                continue
            for made in made_by(proposal, task, ledger):
                if proposer.provisional:
                    waiting += [c for c in made if not c.exact]
                    made = [c for c in made if c.exact]
                elif proposer is proposers[-1]:
                    made, waiting = [*made, *waiting], []
                if made:
                    ledger.judge(made)
                    yield made
                    if ledger.satisfied or (share is not None and task.budget.over(share)):
                        return
            if ledger.satisfied:
                return
        # What a proposer had when the clock rang has not been proposed.
        judged = {id(c) for c in (*ledger.candidates, *waiting)}
        waiting += [c for c in ledger.heard if id(c) not in judged]
        if waiting:
            ledger.judge(waiting)
            yield waiting
        if ledger.satisfied or (share is not None and ledger.candidates and task.budget.over(share)):
            return


def made_by(proposal: Proposal, task: Task, ledger: Ledger) -> Iterator[list[Candidate]]:
    """The candidates of a proposal for a task; those of a rewriting in batches, as they come."""
    if not isinstance(proposal, Rewriting):
        ledger.refusals += [refused.reason for refused in proposal if isinstance(refused, Refused)]
        yield [candidate for candidate in proposal if isinstance(candidate, Candidate)]
        return
    same_table = proposal.task.dataset is task.dataset
    inner = Ledger(trained=ledger.trained, slims=ledger.slims) if same_table else Ledger()
    chosen = proposers_of(proposal.task) if proposal.only is None else PROPOSERS
    chosen = [p for p in chosen if proposal.only is None or p.name in proposal.only]
    last_resort = LAST_RESORT if proposal.only is None else ()
    everything: list[Candidate] = []
    try:
        for batch in batches(proposal.task, inner, chosen, last_resort):
            everything += batch
            if not proposal.at_end:
                yield brought_back(batch, proposal, task, ledger)
    except GeneratorExit:
        raise
    except BaseException:  # interrupted: the best there is by now is worth keeping
        if inner.best_so_far is not None:
            brought_back([inner.best_so_far], proposal, task, ledger)
        raise
    if proposal.at_end:
        yield brought_back(everything, proposal, task, ledger)
    ledger.refusals += inner.refusals
    if proposal.only is None and any(c.explains for c in ledger.candidates):
        ledger.settled = True


def brought_back(
    made: Sequence[Candidate], rewriting: Rewriting, task: Task, ledger: Ledger
) -> list[Candidate]:
    """The candidates of a smaller task as those of the task itself, the shortest descriptions first where not all
    are wanted."""
    order = list(made) if rewriting.keep is None else sorted(made, key=lambda c: c.bits)
    found: list[Candidate] = []
    for one in order:
        back = rewriting.back(one)
        if isinstance(back, Refused):
            ledger.refusals.append(back.reason)
            continue
        found.append(back)
        ledger.heard.append(back)
        task.tell(back.formula.text, back.error)
        if len(found) == rewriting.keep:
            break
    return found
