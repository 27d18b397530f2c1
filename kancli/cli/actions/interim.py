"""The best formula of a search that goes on, kept every minute: who kills it loses a minute at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kancli.errors import KanError

if TYPE_CHECKING:
    from kancli.search import Ledger
    from kancli.search.candidate import Candidate
    from kancli.stages.progress import Progress, Report

# Seconds between two of them.
EVERY = 60.0


@dataclass
class Interim:
    """What has been kept of a search: `run` is its directory, None as long as there is none.

    `keep(candidate, run)` saves a candidate in the directory, or in a new one, and returns that; `failed` is told why
    it could not.
    """

    ledger: Ledger
    keep: Callable[[Candidate, Path | None], Path]
    failed: Callable[[str], None]
    began: float
    run: Path | None = None
    kept: str | None = None

    def watching(self, report: Report) -> Report:
        """The report of progress, which also keeps the best formula where a minute has passed."""

        def tell(progress: Progress) -> None:
            report(progress)
            if time.monotonic() - self.began >= EVERY:
                self.began = time.monotonic()
                self._keep()

        return tell

    def _keep(self) -> None:
        best = self.ledger.best_so_far
        if best is not None and best.formula.text != self.kept:
            self.kept = best.formula.text
            try:
                self.run = self.keep(best, self.run)
            except KanError as problem:  # a full disk now may have room in the end
                self.failed(f"the best formula so far is not kept: {problem.message}")
