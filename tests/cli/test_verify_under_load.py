"""A search that the clock ended is repeated to the byte, however busy the machine is."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import load


def busy() -> None:
    while True:
        pass


@contextmanager
def load_on_the_machine(processes: int) -> Iterator[None]:
    """Loops that do nothing but take processor time."""
    context = multiprocessing.get_context("fork")
    loops = [context.Process(target=busy, daemon=True) for _ in range(processes)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


@pytest.fixture
def recipe(folder: Path) -> str:
    """A table whose law takes longer to find than the recipe allows."""
    x = np.random.default_rng(0).uniform(-1, 1, (400, 3))
    y = np.sin(9 * x[:, 0] * x[:, 1]) / (1.2 + x[:, 2])
    np.savetxt("data.csv", np.column_stack([x, y]), delimiter=",", header="a,b,c,y", comments="", fmt="%.17g")
    (folder / "recipe.yaml").write_text(
        "version: 1\ndata: {path: data.csv}\nfit: {time_limit: 4}\nrun: {directory: one, jobs: 2}\n"
    )
    return "recipe.yaml"


def test_a_search_ended_by_the_clock_is_repeated_on_a_busy_machine(
    kan: Kan, folder: Path, recipe: str
) -> None:
    first = kan("run", recipe)
    assert first.code == 0
    last = load(max((folder / "one").glob("*.kan")))
    assert last.metadata["ended_after"]
    with load_on_the_machine(2):
        again = kan("run", recipe, "--verify")
    assert again.code == 0, again.out + again.err
    assert "is the same when repeated" in again.err


def test_a_search_that_found_its_law_records_no_end(kan: Kan, folder: Path) -> None:
    x = np.random.default_rng(0).uniform(1, 3, (100, 2))
    np.savetxt("data.csv", np.column_stack([x, x.prod(axis=1)]), delimiter=",", header="a,b,y", comments="")
    assert kan("fit", "data.csv", "--run", "one").code == 0
    assert "ended_after" not in load(max((folder / "one").glob("*.kan"))).metadata
