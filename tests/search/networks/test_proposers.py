"""Networks as proposers: one wave per round, what is read of them, and that there is always a formula."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from searching import formula, task_on

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, Quality
from kancli.search.clock import TimeIsUpError
from kancli.search.ledger import Ledger
from kancli.search.networks import read as reading
from kancli.search.networks import slim as slimming
from kancli.search.networks import train as training
from kancli.search.networks.architectures import merged_waves, waves
from kancli.search.networks.proposers import (
    COMPARABLE,
    TRAINING,
    NearestNetworks,
    PlainReading,
    ReadNetworks,
    TrainNetworks,
)
from kancli.search.networks.read import MOST_READ
from kancli.search.networks.train import train_shape
from kancli.search.task import Task
from kancli.search.trained import Shape, Slim, Trained
from kancli.work import add

X = np.random.default_rng(0).uniform(1, 3, (80, 2))
TABLE = from_memory(X, X[:, 0] + np.sin(2 * X[:, 1]), inputs=("a", "b"))[0]
OPTIONS = FitOptions(restarts=1, simplify_seconds=0.1)


def task(data: Dataset = TABLE, seconds: float = 100.0) -> Task:
    return task_on(data, OPTIONS, seconds=seconds)


def known(width: str, error: float = 0.5) -> Trained:
    return Trained(Shape(width), Checkpoint("train", {}, {}), error, False, None)


def slim(width: str, error: float, edges: int, *, holds: bool = False) -> Slim:
    return Slim(Shape(width), (), error, edges, holds)


def read_off(width: str) -> Candidate:
    law = formula("a + b", TABLE, 3, 0.5)
    return Candidate(law, Quality(0.5, 50.0, False), "network", Shape(width), Checkpoint("symbolify", {}, {}))


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The waves that were trained, instead of training them."""
    asked: list[list[str]] = []

    def train_each(task: Task, shapes: tuple[Shape, ...], share: float) -> Iterator[Trained]:
        assert share == TRAINING
        asked.append([str(shape) for shape in shapes])
        yield from (known(shape.width) for shape in shapes)

    monkeypatch.setattr(training, "train_each", train_each)
    return asked


def test_every_round_trains_one_wave_and_the_ledger_has_its_networks(trained: list[list[str]]) -> None:
    ledger = Ledger()
    rounds = TrainNetworks().propose(task(), ledger)
    for number, wave in enumerate(waves(2), 1):
        assert next(rounds) == ()
        assert trained[-1] == [str(shape) for shape in wave]
        assert [t.shape for t in ledger.fresh] == list(wave)
        assert len(ledger.trained) == sum(len(one) for one in waves(2)[:number])
        assert ledger.training
    assert next(rounds, None) is None
    assert not ledger.training


def test_groups_of_inputs_are_trained_with_a_node_each(trained: list[list[str]]) -> None:
    merge = (("a", "b"),)
    list(TrainNetworks().propose(replace(task(), merge=merge), Ledger()))
    assert trained == [[str(shape) for shape in wave] for wave in merged_waves(2, merge)]


def test_when_its_share_of_the_work_is_done_no_more_is_trained(trained: list[list[str]]) -> None:
    one, ledger = task(), Ledger()
    rounds = TrainNetworks().propose(one, ledger)
    next(rounds)
    add(TRAINING * one.budget.whole)
    assert next(rounds, None) is None
    assert len(trained) == 1
    assert not ledger.training


def test_networks_are_read_thoroughly_only_when_it_is_known_whether_inputs_combine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[tuple[str, ...], bool]] = []

    def read_promising(task: Task, ledger: Ledger, put_off: tuple[str, ...], *, thorough: bool):  # type: ignore[no-untyped-def]
        asked.append((put_off, thorough))
        return [], (*put_off, "later")

    monkeypatch.setattr(reading, "read_promising", read_promising)
    ledger = Ledger()
    rounds = ReadNetworks().propose(task(), ledger)
    assert [next(rounds), next(rounds)] == [(), ()]
    ledger.training = False
    assert next(rounds, None) is None
    assert asked == [((), False), (("later",), True)]
    next(ReadNetworks().propose(replace(task(), merge=(("a", "b"),)), Ledger()))
    assert asked[-1] == ((), True)


def test_of_networks_that_do_not_converge_those_that_come_nearest_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slimmed: list[str] = []
    read: list[str] = []

    def slim_all(task: Task, some: list[Trained], known: list[Slim]) -> list[Slim]:
        slimmed.extend(t.shape.width for t in some)
        return [slim(t.shape.width, t.error, 9) for t in some]

    def read_best(task: Task, ledger: Ledger, some: list[Slim]) -> list[Candidate]:
        read.extend(s.shape.width for s in some)
        return [read_off(s.shape.width) for s in some]

    monkeypatch.setattr(slimming, "slim_all", slim_all)
    monkeypatch.setattr(reading, "read_best", read_best)
    near, far = 0.1 * 0.99 * COMPARABLE, 0.1 * 1.01 * COMPARABLE
    ledger = Ledger(
        trained=[known("2,1", near), known("2,2,1", 0.1), known("2,3,1", far), known("2,1,1", 0.1)],
        slims=[slim("2,1,1", 0.1, 3), slim("2,5,1", far, 1), slim("2,7,1", far, 2, holds=True)],
        candidates=[read_off("2,2,1")],
    )
    (made,) = NearestNetworks().propose(task(), ledger)
    # Those not slim yet, the best first; then what is near or holds the law and was not read, few edges first.
    assert slimmed == ["2,2,1", "2,1"]
    assert read == ["2,7,1", "2,1,1", "2,1"][:MOST_READ]
    assert isinstance(made, tuple)
    assert len(made) == len(read)


def test_without_any_formula_a_plain_one_is_read_even_after_the_time_is_over() -> None:
    ledger = Ledger(trained=[train_shape(Shape("2,1"), TABLE, OPTIONS, 0)])
    late = task(seconds=0.0)
    with pytest.raises(TimeIsUpError):
        late.budget.clock.check()
    ((made,),) = PlainReading().propose(late, ledger)  # type: ignore[misc]
    assert made.effort == "plain"
    assert made.formula.r2 > 0.5
    assert set(made.formula.text) <= set("0123456789.ab+-*() e")


def test_the_last_reading_has_some_time_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[Slim], str]] = []

    def read_all(task: Task, ledger: Ledger, some: list[Slim], effort: str) -> list[Candidate]:
        task.budget.clock.check()
        asked.append((some, effort))
        return [read_off("2,1")]

    monkeypatch.setattr(reading, "read_all", read_all)
    near, far = slim("2,1", 0.1, 3), slim("2,1,1", 0.2, 2)
    (made,) = PlainReading().propose(task(seconds=0.0), Ledger(trained=[known("2,1")], slims=[far, near]))
    assert asked == [([near], "plain")]
    assert isinstance(made, tuple)
    assert len(made) == 1


def test_where_there_is_a_formula_or_no_network_nothing_plain_is_read() -> None:
    began = time.monotonic()
    assert list(PlainReading().propose(task(), Ledger())) == []
    ledger = Ledger(trained=[known("2,1")], candidates=[read_off("2,1")])
    assert list(PlainReading().propose(task(), ledger)) == []
    assert time.monotonic() - began < 1
