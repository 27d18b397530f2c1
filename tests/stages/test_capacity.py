"""Networks that do not fit into memory are refused before any is taken."""

from __future__ import annotations

import tracemalloc

import pytest

from kancli.errors import UsageError
from kancli.recipe import RefineOptions, TrainOptions
from kancli.stages import capacity
from kancli.stages.capacity import Demand, check_refining, check_training, edges_of


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 16 GiB."""
    monkeypatch.setattr(capacity, "memory", lambda: 16 << 30)


@pytest.mark.parametrize(
    "options",
    [
        {"width": "2,999999999,1"},
        {"width": "2,1000,1", "grid": 1000},
        {"width": "2,50,50,1", "restarts": 1000},
        {"width": "2,99999,99999,1", "optimizer": "adam"},
    ],
    ids=str,
)
def test_a_network_beyond_the_memory_is_refused_with_the_number_and_what_to_lower(
    options: dict[str, object],
) -> None:
    checked = TrainOptions.model_validate(options)
    tracemalloc.start()
    with pytest.raises(UsageError, match="memory is") as caught:
        check_training(checked, 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    assert f"--restarts {checked.restarts}: " in caught.value.message
    assert "--grid" in str(caught.value.hint)


@pytest.mark.parametrize("width", ["2,5,1", "4,20,20,1", "20,20,1"])
def test_networks_of_usual_size_are_fine(width: str) -> None:
    check_training(TrainOptions(width=width, restarts=16), 100_000)


def test_a_grid_beyond_the_memory_is_refused() -> None:
    check_refining(RefineOptions(grid=(10, 20)), 15, 3, 1000)
    with pytest.raises(UsageError, match="100,000,003 parameters need") as caught:
        check_refining(RefineOptions(grid=(100_000_000,)), 1, 3, 1000)
    assert "--grid 100000000" in caught.value.message


def test_the_estimate_is_three_systems_of_equations_per_restart() -> None:
    assert Demand(1000, 100, 4, 0).bytes >= 3 * 4 * 8 * 1000**2
    assert edges_of(((2, 0), (3, 2), (1, 0))) == 2 * 5 + 5
