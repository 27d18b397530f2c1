"""A search of hours keeps its best formula on the way: who kills it loses a minute at most."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import load
from kancli.cli.actions import interim as module
from kancli.cli.actions.interim import Interim
from kancli.errors import CheckpointError
from kancli.stages.progress import Progress, silent

PROGRESS = Progress("fit", 0, None, None, None, "a line")
# Its `main` with a minute that is shorter.
QUICK = """
import sys
from kancli.cli import main
from kancli.cli.actions import interim
interim.EVERY = 0.0
main(sys.argv[1:])
"""


def candidate(text: str) -> Any:
    return SimpleNamespace(formula=SimpleNamespace(text=text))


def test_the_best_formula_is_kept_when_a_minute_is_over_and_it_is_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[tuple[str, Path | None]] = []

    def keep(best: Any, run: Path | None) -> Path:
        kept.append((best.formula.text, run))
        return Path("run")

    ledger: Any = SimpleNamespace(best_so_far=None)
    tell = Interim(ledger, keep, print, time.monotonic()).watching(silent)
    tell(PROGRESS)
    monkeypatch.setattr(module, "EVERY", 0.0)
    for best in (None, candidate("x"), candidate("x"), candidate("x + 1")):
        ledger.best_so_far = best
        tell(PROGRESS)
    assert kept == [("x", None), ("x + 1", Path("run"))]


def test_a_disk_that_is_full_for_a_while_does_not_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(best: Any, run: Path | None) -> Path:
        raise CheckpointError("no space left")

    told: list[str] = []
    ledger: Any = SimpleNamespace(best_so_far=candidate("x"))
    monkeypatch.setattr(module, "EVERY", 0.0)
    Interim(ledger, keep, told.append, time.monotonic()).watching(silent)(PROGRESS)
    assert told == ["the best formula so far is not kept: no space left"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_search_that_is_killed_leaves_its_best_formula(folder: Path, kan: Kan) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 5, (200, 3))
    y = np.sin(x[:, 0] * x[:, 1]) + np.exp(np.cos(x[:, 2] * x[:, 0])) + 0.05 * rng.normal(size=200)
    np.savetxt("data.csv", np.column_stack([x, y]), delimiter=",", header="a,b,c,y", comments="")
    search = subprocess.Popen(
        [sys.executable, "-c", QUICK, "fit", "data.csv", "--time-limit", "2h", "--run", "run", "--jobs", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 100
        while not list(Path().glob("run/*.kan")):
            assert search.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        search.send_signal(signal.SIGKILL)
        search.wait()
    for path in Path().glob("run/*.kan"):
        load(path)
    shown = kan("show", "run", "--json")
    assert shown.code == 0
    assert '"formula"' in shown.out
