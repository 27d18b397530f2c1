"""Searches that begin at a formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from searching import searched, table

from kancli.errors import FitError, UsageError

X = np.random.default_rng(0).uniform(0.5, 2, (120, 2))


def remarks(folder: Path, y: np.ndarray, start: str) -> tuple[str, list[str]]:
    """The formula found, and the remarks on its start."""
    ledger = searched(table(folder, X, y), start=start, seconds=20)
    formula = str(ledger.road[-1][0].metadata["formula"])
    return formula, [line for line in ledger.remarks if line.startswith("start: ")]


def test_a_start_that_is_the_law_is_kept_with_its_constants_fitted(tmp_path: Path) -> None:
    formula, said = remarks(tmp_path, 3 * X[:, 0] + np.sin(2 * X[:, 1]), "2.5*a + sin(w*b)")
    assert formula == "3*a + sin(2*b)"
    assert said == ["start: 3*a + sin(2*b); nothing better was found"]


def test_a_better_formula_is_told_with_the_bits_that_it_saves(tmp_path: Path) -> None:
    formula, (said,) = remarks(tmp_path, X[:, 0] ** 2 * X[:, 1], "1.0*a + 1.0*b")
    assert formula == "a**2*b"
    assert said.endswith("bits shorter")
    assert float(said.split()[-3]) > 100


def test_a_start_that_is_no_formula_or_has_no_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--start a \+"):
        remarks(tmp_path, X[:, 0], "a +")
    with pytest.raises(FitError):
        remarks(tmp_path, X[:, 0], "log(-a)")
