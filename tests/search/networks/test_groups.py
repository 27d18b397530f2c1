"""Groups of inputs that enter only together: proposed by slopes, kept where a network merged so fits as well."""

from __future__ import annotations

import numpy as np
import pytest
from searching import task_on

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.networks.groups import COARSER, ROUGHLY, SPLINES, WORSE, as_good, groups_of, proposals
from kancli.search.networks.train import train_shape
from kancli.search.trained import PROMISING, Shape, Trained

X = np.random.default_rng(0).uniform(1, 3, (200, 4))
OPTIONS = FitOptions(restarts=1)


def table(law, columns: int) -> Dataset:  # type: ignore[no-untyped-def]
    return from_memory(X[:, :columns], law(*X.T[:columns]), inputs=tuple("abcd"[:columns]))[0]


def known(error: float, noise: bool = False) -> Trained:
    return Trained(Shape("2,1"), Checkpoint("train", {}, {}), error, noise, None)


def network(data: Dataset, width: str) -> Trained:
    return train_shape(Shape(width), data, FitOptions(restarts=3), 0)


@pytest.mark.parametrize(
    ("best", "noise", "most"),
    [
        (0.5 * PROMISING, False, WORSE),
        (2 * PROMISING, False, ROUGHLY),
        (0.5 * PROMISING, True, ROUGHLY),
        (0.1 * SPLINES, False, COARSER),
    ],
)
def test_a_merged_network_may_be_a_little_worse_and_more_where_errors_say_less(
    best: float, noise: bool, most: float
) -> None:
    assert as_good(known(0.99 * most * best, noise), known(best))
    assert not as_good(known(1.01 * most * best, noise), known(best))


def test_two_inputs_that_enter_as_one_sum_of_functions_are_grouped() -> None:
    data = table(lambda a, b, c: np.exp((a + b**2) / 6) + c**2, 3)
    best = network(data, "3,2,1")
    assert proposals(task_on(data), best, ())[0] == (("a", "b"),)
    merged = groups_of(task_on(data, OPTIONS), [known(9.0), best], 1.0)
    assert merged == (("a", "b"),)


def test_inputs_of_a_group_are_not_grouped_again() -> None:
    data = table(lambda a, b, c: np.exp((a + b**2) / 6) + c**2, 3)
    best = network(data, "3,2,1")
    assert proposals(task_on(data), best, (("a", "b"),)) == []
    two = table(lambda a, b, c, d: np.sin((a + b) / 3) * 2 + np.exp((c + d) / 6), 4)
    best = network(two, "4,2,1")
    both = {frozenset(("a", "b")), frozenset(("c", "d"))}
    first, clearest = proposals(task_on(two), best, ())
    assert {frozenset(group) for group in first} == both
    assert set(clearest) < set(first)
    (rest, *_) = proposals(task_on(two), best, (("c", "d"),))
    assert rest == (("c", "d"), ("a", "b"))


def test_where_nothing_belongs_together_there_is_no_group() -> None:
    data = table(lambda a, b, c: a * b + b * c + c * a**2, 3)
    assert groups_of(task_on(data, OPTIONS), [network(data, "3,3,1")], 1.0) == ()


def test_a_proposal_that_no_network_confirms_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(lambda a, b, c: a * b + b * c + c * a**2, 3)
    best = network(data, "3,3,1")
    monkeypatch.setattr("kancli.search.networks.groups.proposals", lambda task, best, merge: [(("a", "b"),)])
    assert groups_of(task_on(data, OPTIONS), [best], 1.0) == ()
