"""What is printed with a formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kancli.checkpoint import Checkpoint
from kancli.cli.output.formula import print_formula
from kancli.cli.output.streams import Streams

VERDICT = {
    "kind": "undecided",
    "confidence": 0.4,
    "why": "2*x is 0.5 bits longer",
    "rivals": [{"formula": "2*x", "bits": 0.5}],
}


def facts(**more: Any) -> Checkpoint:
    """A version with a formula and nothing else."""
    metadata = {"target": "y", "formula": "x**2", "edges": [], "verdict": VERDICT, **more}
    return Checkpoint("fit", {}, metadata, path=Path("runs/a/0001-fit.kan"))


def test_the_verdict_follows_on_standard_error_and_line_1_stays_the_formula(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_formula(Streams(), facts(), 1.0)
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "y = x**2"
    assert "verdict: undecided, confidence 0.4: 2*x is 0.5 bits longer" in printed.err


def test_errors_and_outliers_follow_where_they_are_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    errors = {"model": "log", "loss": "t", "scale": 0.1}
    outliers = [{"row": 18, "line": 19, "residual": 60.0}]
    print_formula(Streams(), facts(errors=errors, outliers=outliers), 1.0)
    said = capsys.readouterr().err
    assert "errors: of the logarithm, 0.1" in said
    assert "outliers: row 18" in said


def test_versions_from_before_there_were_verdicts_are_printed_as_ever(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_formula(Streams(), facts(verdict=None), 1.0)
    assert "verdict" not in capsys.readouterr().err


def test_the_document_has_verdict_errors_and_outliers(capsys: pytest.CaptureFixture[str]) -> None:
    print_formula(Streams(json=True), facts(errors=None, outliers=[]), 1.0)
    assert '"verdict": {"kind": "undecided"' in capsys.readouterr().out
