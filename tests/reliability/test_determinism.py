"""The same table, options and seed give the same formula, whatever is around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from processes import bash

from kancli.checkpoint import read_header

RNG = np.random.default_rng(0)
ROWS = np.column_stack([x := RNG.uniform(1, 3, (80, 2)), np.exp(-x[:, 0]) * x[:, 1] + x[:, 0] ** 2])


def write(path: Path, rows: np.ndarray) -> None:
    np.savetxt(path, rows, delimiter=",", header="a,b,y", comments="", fmt="%.17g")


def facts(folder: Path) -> list[dict[str, Any]]:
    """All versions without what names where they were made."""
    found = []
    for path in sorted(folder.glob("*.kan")):
        header = read_header(path)
        metadata = {key: value for key, value in header.metadata.items() if key not in ("data", "recipe")}
        found.append({"file": path.name, "tensors": header.tensors_sha256, **metadata})
    assert found
    return found


def test_processes_hashes_threads_and_the_folder_do_not_change_a_bit(tmp_path: Path) -> None:
    write(tmp_path / "data.csv", ROWS)
    (tmp_path / "elsewhere").mkdir()
    done = bash(
        tmp_path,
        "PYTHONHASHSEED=1 kan fit data.csv --time-limit 100 --jobs 1 --run one -q && cd elsewhere && "
        "PYTHONHASHSEED=2 OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 kan fit ../data.csv --jobs 2 --run ../two -q",
    )
    assert done.returncode == 0, done.stderr
    assert facts(tmp_path / "one") == facts(tmp_path / "two")


def test_the_order_of_the_rows_does_not_change_a_formula_that_the_data_decide(tmp_path: Path) -> None:
    write(tmp_path / "data.csv", RNG.permutation(ROWS))
    done = bash(tmp_path, "kan fit data.csv --json -q")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["formula"] == "a**2 + b*exp(-a)"
