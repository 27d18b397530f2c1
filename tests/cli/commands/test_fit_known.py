"""`kan fit` with what is known of the curve."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from kit import Kan

QUICK = ("--time-limit", "8")


def written(path: Path, x: np.ndarray, y: np.ndarray) -> Path:
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header="x,y", comments="")
    return path


def test_a_curve_that_goes_through_a_point_costs_bits(kan: Kan, folder: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0.5, 3, 50)
    data = written(folder / "d.csv", x, 2 * x + 0.2 + rng.normal(0, 0.05, 50))
    free = json.loads(kan("fit", data, *QUICK, "--json").out)
    done = kan("fit", data, *QUICK, "--through", "0,0", "--json")
    held = json.loads(done.out)
    at_zero = {"free": free, "held": held}
    names = {"x": 0.0, "exp": np.exp, "sqrt": np.sqrt}
    values = {key: float(eval(d["formula"], names)) for key, d in at_zero.items()}
    assert abs(values["free"]) > 0.1
    assert abs(values["held"]) < 1e-5
    assert "what is known costs" in done.err
    assert free["formula"] in done.err


def test_where_nothing_obeys_a_remark_says_so(kan: Kan, folder: Path) -> None:
    x = np.linspace(0.5, 3, 40)
    data = written(folder / "d.csv", x, 2 * x)
    done = kan("fit", data, "--like", "a*x", "--monotone", "x:-")
    assert "no formula was found that obeys --monotone x:-: it rises at x = 0.5" in done.err
    assert kan("fit", data, "--like", "a*x", "--monotone", "q:-").code == 2
