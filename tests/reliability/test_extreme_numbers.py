"""Numbers at the ends of float64: a formula or one line, and nothing else on either stream."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from kit import Kan
from processes import bash

RNG = np.random.default_rng(0)
UNIT = RNG.uniform(0.5, 5.0, (60, 2))


def write(folder: Path, **columns: np.ndarray) -> None:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    text = "\n".join([",".join(columns), *(",".join(map(repr, row)) for row in rows)])
    (folder / "data.csv").write_text(text + "\n")


def test_inputs_whose_squares_overflow_leave_standard_output_to_the_document(tmp_path: Path) -> None:
    x, z = (UNIT * 1e200).T
    write(tmp_path, x=x, z=z, y=x / z)
    done = bash(tmp_path, "kan fit data.csv --time-limit 20 --json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["formula"] == "x/z"
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("scale", [1e300, 3.4e307, 1e-300, 1e-321])
def test_a_target_at_the_end_of_float64_is_one_line(folder: Path, kan: Kan, scale: float) -> None:
    write(folder, x=UNIT[:, 0], y=UNIT[:, 0] * scale)
    done = kan("fit", "data.csv")
    assert (done.code, done.out) == (3, "")
    assert len(done.err.splitlines()) == 2
    assert "squares are no float64 numbers" in done.err


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_training_at_the_end_of_float64_is_no_internal_error(folder: Path, kan: Kan) -> None:
    y = 2 * UNIT[:, 0]
    y[3], y[4] = 1.7e308, -1.7e308
    write(folder, x=UNIT[:, 0], y=y)
    trained = kan("train", "data.csv", "--width", "1,1", "--steps", "3", "--restarts", "1", "--run", "r")
    assert trained.code == 0, trained.err
    assert kan("symbolify", "r").code == 3
