"""Files of format 1, as kancli 0.1.0 wrote them: every later version reads them, and predicts the same values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import FORMAT, load
from kancli.checkpoint.run import save

FILES = Path(__file__).with_name("format_1")
KEPT = sorted(FILES.glob("*.kan"))


def test_there_are_files_with_networks_and_formulas() -> None:
    facts = [load(path).metadata for path in KEPT]
    assert sum("architecture" in one for one in facts) >= 2
    assert sum(one.get("formula") is not None for one in facts) >= 3


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_file_of_format_1_predicts_its_table(path: Path, kan: Kan) -> None:
    """Formulas of the product to rounding; the networks, which had few steps, to a tenth."""
    shutil.copy(path, "law.kan")
    shutil.copy(FILES / "table.csv", "table.csv")
    done = kan("predict", "law.kan", "table.csv", "--json")
    assert done.code == 0, done.err
    y = np.loadtxt("table.csv", delimiter=",", skiprows=1)[:, 2]
    left = np.sqrt(np.mean((np.array(json.loads(done.out)["predictions"]) - y) ** 2)) / y.std()
    assert left < (1e-9 if path.stem in ("0001-like", "search") else 0.1)
    assert kan("show", "law.kan").code == 0


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_file_of_format_1_is_written_again_to_the_same_bytes(path: Path, tmp_path: Path) -> None:
    """Which is what the format's number promises: another layout of the file takes another number."""
    assert FORMAT == 1
    old = load(path)
    if old.parent is None and old.number == 1:
        new = save(old, tmp_path, None)
        assert new.path is not None
        assert new.path.read_bytes() == path.read_bytes()
    assert load(path).sha256 == old.sha256
