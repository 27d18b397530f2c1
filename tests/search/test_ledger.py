"""The ledger: what is best, what is in vain, and when it is enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from searching import formula

from kancli.checkpoint import Checkpoint
from kancli.dataset import from_memory
from kancli.search.candidate import Candidate, Quality
from kancli.search.ledger import MOST_VAIN, MOST_VAIN_IN_NOISE, WORTHWHILE, Ledger
from kancli.search.trained import Shape
from kancli.symbolic.formula import ConstantReport

X = np.arange(1.0, 9.0)[:, None]
TABLE = from_memory(X, X[:, 0] ** 2, inputs=("a",))[0]
EXACTLY, IN_NOISE = 0.0, 0.1


def one(bits: float, *, error: float = 0.5, noise: bool = False, free: int = 9, stage: str = "symbolify",
        text: str = "a**2", origin: str = "network") -> Candidate:  # fmt: skip
    """A candidate of so many bits; as it is, it explains nothing and has too many free constants for a law."""
    constants = (ConstantReport(1.5, 0.1, None),) * free
    law = replace(formula(text, TABLE, 3, error), constants=constants)
    base = Checkpoint(stage, {}, {})
    return Candidate(law, Quality(error, bits, noise), origin, Shape("1,1"), base)  # type: ignore[arg-type]


def exact(bits: float, **how: object) -> Candidate:
    return one(bits, error=EXACTLY, **how)  # type: ignore[arg-type]


def noisy(bits: float, **how: object) -> Candidate:
    return one(bits, error=IN_NOISE, noise=True, **how)  # type: ignore[arg-type]


def after(*batches: list[Candidate]) -> Ledger:
    ledger = Ledger()
    for batch in batches:
        ledger.judge(batch)
    return ledger


def test_the_best_has_the_shortest_description_and_of_equals_the_first_is_taken() -> None:
    first, same, long = one(50.0), one(50.0 - 1e-9), one(80.0)
    assert after([long], [first, same]).best is first
    with pytest.raises(ValueError):
        _ = Ledger().best


def test_an_interrupted_search_has_also_what_was_not_judged_yet() -> None:
    ledger = after([one(50.0)])
    assert ledger.best_so_far is ledger.best
    ledger.heard.append(waiting := one(20.0))
    assert ledger.best_so_far is waiting
    assert ledger.best is not waiting
    ledger.heard.append(one(90.0))
    assert ledger.best_so_far is waiting
    assert Ledger().best_so_far is None


def test_a_batch_is_in_vain_unless_it_saves_a_worthwhile_number_of_bits() -> None:
    assert after([one(100.0)]).vain == 0
    assert after([one(100.0)], []).vain == 1
    assert after([one(100.0)], [one(100.0 - 0.9 * WORTHWHILE)]).vain == 1
    assert after([one(100.0)], [one(100.0 - 1.1 * WORTHWHILE)]).vain == 0
    assert after([one(100.0)], [one(200.0)], [one(150.0)]).vain == 2
    assert after([one(100.0)], [], [one(50.0)], []).vain == 1


def test_batches_before_the_first_candidate_are_not_in_vain() -> None:
    assert after([], [], [one(100.0)]).vain == 0


def test_what_does_not_explain_the_data_never_satisfies() -> None:
    ledger = after([one(10.0, free=0)], [], [], [], [])
    ledger.settled = True
    assert not ledger.satisfied
    assert not Ledger(settled=True).satisfied


@pytest.mark.parametrize("kind", [exact, noisy])
def test_a_law_that_explains_everything_satisfies_at_once(kind) -> None:  # type: ignore[no-untyped-def]
    assert after([kind(10.0, free=0)]).satisfied
    assert not after([kind(10.0, free=9)]).satisfied


def test_a_sum_in_noise_needs_exact_constants_to_be_a_law() -> None:
    assert after([noisy(10.0, free=1)]).satisfied
    assert not after([noisy(10.0, free=1, origin="sum")]).satisfied
    assert after([noisy(10.0, free=0, origin="sum")]).satisfied


@pytest.mark.parametrize(("kind", "most"), [(exact, MOST_VAIN), (noisy, MOST_VAIN_IN_NOISE)])
def test_what_explains_everything_is_taken_after_some_vain_batches(kind, most: int) -> None:  # type: ignore[no-untyped-def]
    batches: list[list[Candidate]] = [[] for _ in range(most)]
    assert not after([kind(10.0)], *batches[1:]).satisfied
    assert after([kind(10.0)], *batches).satisfied


def test_what_was_settled_elsewhere_satisfies() -> None:
    ledger = after([exact(10.0)])
    assert not ledger.satisfied
    ledger.settled = True
    assert ledger.satisfied


def test_a_formula_that_a_network_and_a_sum_of_powers_lead_to_satisfies() -> None:
    assert after([exact(10.0, stage="powers"), exact(20.0, stage="symbolify")]).satisfied
    assert after([exact(10.0, stage="factors"), exact(20.0, stage="symbolify")]).satisfied
    assert not after([exact(10.0, stage="powers"), exact(20.0, stage="powers")]).satisfied
    assert not after([exact(10.0, stage="powers"), exact(20.0, stage="factors")]).satisfied
    assert not after([exact(10.0, stage="derive"), exact(20.0, stage="symbolify")]).satisfied
    assert not after([exact(10.0, stage="powers"), exact(20.0, stage="symbolify", text="a**3")]).satisfied


def test_only_the_best_candidate_decides() -> None:
    assert not after([exact(20.0, free=0), one(10.0)]).satisfied
    assert after([exact(20.0), exact(10.0, free=0)]).satisfied
